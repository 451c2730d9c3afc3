import Testing

@Suite("Files that sources and pages point at")
struct ReferencesTests {
  @Test("A link in a page leads to a file, and to a title in it")
  func links() throws {
    var count = 0
    for page in try Repository.pages {
      let folder = page.path.split(separator: "/").dropLast()
      for link in Markdown(page.text).links where !link.contains("://") {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var path = folder
        for name in parts[0].split(separator: "/") {
          if name == ".." { _ = path.popLast() } else { path.append(name) }
        }
        let target = parts[0].isEmpty ? page.path : path.joined(separator: "/")
        count += 1
        guard Repository.exists(target) else {
          Issue.record("\(page) links to \(link), which is not there")
          continue
        }
        guard parts.count == 2 else { continue }
        let anchors = Markdown(try Repository.file(target).text).anchors
        #expect(anchors.contains(String(parts[1])), "\(page): \(link) is no title of \(target)")
      }
    }
    #expect(count > 40)
  }

  @Test("A path in a page's code exists")
  func pathsInPages() throws {
    for page in try Repository.pages where page.path != "CHANGELOG.md" {
      for span in Markdown(page.text).codeSpans {
        for match in span.matches(of: Self.path) {
          #expect(Repository.exists(String(match.1)), "\(page) names \(match.1)")
        }
      }
    }
  }

  @Test("A path in a comment or a message exists")
  func pathsInSources() throws {
    var count = 0
    for source in try Repository.sources {
      for match in source.text.matches(of: Self.path) {
        count += 1
        #expect(Repository.exists(String(match.1)), "\(source) names \(match.1)")
      }
    }
    #expect(count > 50)
  }

  @Test("A section that a source cites is in the page")
  func citations() throws {
    var sections: [Substring: Set<String>] = [:]
    var count = 0
    for source in try Repository.sources {
      for citation in source.text.matches(of: Self.citation) {
        let (page, numbers) = (citation.1, citation.2)
        guard Repository.exists(String(page)) else { continue }  // `pathsInSources` says so.
        let known =
          try sections[page] ?? Markdown(try Repository.file(String(page)).text).sections
        sections[page] = known
        for number in numbers.matches(of: #/\d+(\.\d+)*/#) {
          count += 1
          #expect(known.contains(String(number.0)), "\(source) cites \(page) \(number.0)")
        }
      }
    }
    #expect(count > 30)
  }

  @Test("Every page is linked from the README, and every folder of Sources is in development.md")
  func nothingIsLeftOut() throws {
    let readme = Markdown(try Repository.file("README.md").text).links
    for page in try Repository.pages where page.path != "README.md" {
      #expect(readme.contains(Substring(page.path)), "README.md does not link to \(page)")
    }
    let rooms = Markdown(try Repository.file("docs/development.md").text).codeSpans
    for room in try Repository.rooms where !rooms.contains(Substring(room)) {
      Issue.record("docs/development.md does not tell about Sources/\(room)")
    }
  }

  /// A path from the repository's folder.
  ///
  /// What a comment says about files of other places, such as a run folder, has other first names.
  private static var path: Regex<(Substring, Substring)> {
    #/(?:^|[^\w\/.~$-])((?:docs|configs|launch|spec|\.ci|Sources|Tests)/[\w+-]+(?:[\w\/.+-]*[\w+-])?)/#
  }

  /// A page, and the numbers of sections after it, such as "1.1 to 1.6", also across lines of a comment.
  private static var citation: Regex<(Substring, Substring, Substring)> {
    #/(docs/[\w/-]+\.md)((?:(?:,| and| to)?\s+(?:///? )?\d+(?:\.\d+)*)+)/#
  }
}
