import Testing

@Suite("Command lines that pages show")
struct CommandLinesTests {
  @Test("A command in a block exists, with its options and settings")
  func blocks() throws {
    var count = 0
    for page in try Repository.pages {
      for line in Markdown(page.text).commands {
        // Redirections and pipes end a command.
        let command = line.prefix { !">|;&".contains($0) }
        count += 1
        let problem = try ShownCommand(String(command)).problem(isComplete: true)
        #expect(problem == nil, "\(page): \(line)")
      }
    }
    #expect(count > 40)
  }

  @Test("A command in a sentence exists, with its options")
  func sentences() throws {
    var count = 0
    for page in try Repository.pages {
      for span in Markdown(page.text).codeSpans {
        guard span.contains(#/^(inpaint|\./launch/\w+|launch/\w+) /#), !span.contains("|") else {
          continue
        }
        count += 1
        let problem = try ShownCommand(String(span)).problem(isComplete: false)
        #expect(problem == nil, "\(page): \(span)")
      }
    }
    #expect(count > 10)
  }

  @Test("An option in a sentence exists somewhere")
  func options() throws {
    let scripts = try ["local", "cluster", "setup", "test-bare"].map {
      ProgramOptions(script: try Repository.file("launch/\($0)").text).all
    }
    let known = scripts.reduce(ProgramOptions.inpaint.all) { $0.union($1) }
    #expect(known.count > 40)
    for page in try Repository.pages {
      for span in Markdown(page.text).codeSpans where span.hasPrefix("--") {
        let name = String(span.prefix { $0 != " " && $0 != "=" })
        #expect(known.contains(name), "\(page): \(span)")
      }
    }
  }

  @Test("What no page may show is found")
  func findsMistakes() throws {
    let mistakes = [
      "inpaint paint": "no command paint", "inpaint fill --wieghts a": "no option --wieghts",
      "./launch/local --rank 2 configs/celeba-64.yaml": "launch/local has no --rank",
      "./launch/nothing": "no launch/nothing",
      "inpaint train configs/celeba-64.yaml --set training.bach=3": "training.bach",
      "mpirun -n 3 .build/release/inpaint train configs/celeba-64.yaml": "training.replicas",
      "inpaint train configs/none.yaml": "cannot be read", "paint it": "paint is not known",
      "inpaint pack a b c": "3 words are given",
      "Tests/Comparisons/slow_networks.sh --pyhton p": "no option --pyhton",
    ]
    for (line, expected) in mistakes {
      let problem = try ShownCommand(line).problem(isComplete: true)
      #expect(problem?.contains(expected) == true, "\(line): \(problem ?? "no problem")")
    }
  }
}
