import Configuration
import Testing

@Suite("Settings in words")
struct SettingExplanationTests {
  @Test("The list has every key and section with its meaning")
  func list() {
    let list = RunConfiguration.settingsList()
    // Meanings are broken into lines.
    let words = list.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    for setting in RunConfiguration.settings {
      #expect(list.contains("\(setting.key)\(setting.form == .section ? "\n" : ": ")"))
      #expect(words.contains(setting.meaning), "\(setting.meaning)")
    }
    let lines = list.split(separator: "\n").filter { $0.hasPrefix(" ") }
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("A key is told with type, default, meaning and words")
  func key() throws {
    let precision = try RunConfiguration.explanation(of: "training.precision")
    #expect(precision.hasPrefix("training.precision: word, default fp32\n    "), "\(precision)")
    #expect(precision.contains("\n      bf16: "), "\(precision)")
    let steps = try RunConfiguration.explanation(of: "training.steps")
    #expect(steps.contains("a run that goes on may change it"), "\(steps)")
    #expect(!steps.contains("training.batch"), "\(steps)")
  }

  @Test("A section is told with its keys and no others")
  func section() throws {
    let lines = try RunConfiguration.explanation(of: "optimizer").split(separator: "\n")
    let keys = lines.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
    #expect(keys.first == "optimizer" && keys.contains("optimizer.beta1"))
    #expect(keys.allSatisfy { $0.hasPrefix("optimizer") })
  }

  @Test(
    "A key that does not exist leads to the nearest",
    arguments: [
      ("training.bach", "training.batch"), ("batch", "training.batch"), ("optimiser", "optimizer"),
    ])
  func unknown(key: String, nearest: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.explanation(of: key)
    }
    #expect(error?.problems.map(\.kind) == [.unknownKey])
    #expect(error?.problems.first?.remedy == "the nearest is \(nearest)")
  }

  @Test("A comparison names what differs and nothing else")
  func comparison() throws {
    let base = RunConfiguration()
    let changed = try base.applying(overrides: ["training.batch=32", "training.steps=5"])
    #expect(
      base.comparison(with: changed, names: ("a", "b")) == """
        a → b
          training.batch: \(base.training.batch) → 32
          training.steps: \(base.training.steps) → 5 (a run that goes on may change it)

        """)
    #expect(
      base.comparison(with: base, names: ("a", "b")) == "a and b have the same settings.\n")
  }

  @Test("A comparison of two kinds of models tells which keys only one of them has")
  func kinds() {
    let (dmfn, deepFill) = (RunConfiguration(kind: .dmfn), RunConfiguration(kind: .deepfill))
    let text = dmfn.comparison(with: deepFill, names: ("a", "b"))
    #expect(text.contains("  model.block: paper → no such key\n"), "\(text)")
    #expect(text.contains("  training.critic_updates: no such key → "), "\(text)")
  }
}
