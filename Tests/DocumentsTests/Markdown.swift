import Foundation

/// What the tests look for in a page.
struct Markdown {
  /// The commands of blocks of shell code, one for each line or continued line, without comments.
  private(set) var commands: [String] = []

  /// Code within sentences.
  private(set) var codeSpans: [Substring] = []

  /// Where links and pictures lead.
  private(set) var links: [Substring] = []

  /// The titles, as they are written.
  private(set) var headings: [Substring] = []

  init(_ text: String) {
    var fence: Substring?
    var prose = ""
    var pending = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let language = fence {
        if line.hasPrefix("```") {
          fence = nil
        } else if language == "sh" {
          pending += line
          if pending.hasSuffix("\\") {
            pending.removeLast()
          } else {
            commands.append(pending)
            pending = ""
          }
        }
      } else if line.hasPrefix("```") {
        fence = line.dropFirst(3)
      } else {
        if line.hasPrefix("#") { headings.append(line.drop { $0 == "#" || $0 == " " }) }
        prose += line + "\n"
      }
    }
    commands = commands.map(Self.withoutComment).filter { !$0.isEmpty }
    codeSpans = prose.matches(of: #/`([^`\n]+)`/#).map(\.1)
    links = prose.matches(of: #/\]\(([^)\s]+)\)/#).map(\.1)
  }

  /// The anchors that links to this page may end with, by GitHub's rule.
  var anchors: Set<String> {
    Set(
      headings.map { heading in
        heading.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
          .replacing(" ", with: "-")
      })
  }

  /// The numbers that titles begin with, such as 3 or 3.4.
  var sections: Set<String> {
    Set(headings.compactMap { $0.firstMatch(of: #/^\d+(\.\d+)*(?=\.? )/#).map { String($0.0) } })
  }

  private static func withoutComment(_ command: String) -> String {
    (command.firstMatch(of: #/(^|\s)#.*/#).map { String(command[..<$0.range.lowerBound]) }
      ?? command)
      .trimmingCharacters(in: .whitespaces)
  }
}
