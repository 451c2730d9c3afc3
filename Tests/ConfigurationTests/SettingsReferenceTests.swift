import Configuration
import Foundation
import Testing

@Suite("What settings mean")
struct SettingsReferenceTests {
  @Test("Every key and section of every kind of model has a meaning, told once")
  func complete() {
    let settings = RunConfiguration.settings
    let keys = settings.filter { $0.form != .section }.map(\.key)
    #expect(Set(settings.map(\.key)).count == settings.count)
    for kind in ModelConfiguration.Kind.allCases {
      let values = RunConfiguration(kind: kind).values.map(\.key)
      #expect(values == keys.filter(Set(values).contains), "\(kind)")
    }
    let used = ModelConfiguration.Kind.allCases.flatMap { kind in
      RunConfiguration(kind: kind).values.map(\.key)
    }
    #expect(Set(keys) == Set(used))
    for setting in settings {
      #expect(setting.meaning.hasSuffix("."), "\(setting.key): \(setting.meaning)")
      #expect(setting.meaning.count > 10, "\(setting.key): \(setting.meaning)")
    }
  }

  @Test("Every word that a setting may take has a meaning")
  func wordsHaveMeanings() throws {
    for setting in RunConfiguration.settings {
      for word in setting.form.words {
        #expect(!word.meaning.isEmpty && !word.meaning.hasSuffix("."), "\(setting.key): \(word)")
      }
    }
    let precision = try #require(
      RunConfiguration.settings.first { $0.key == "training.precision" })
    #expect(precision.form.words.map(\.name) == ["fp32", "bf16"])
    let layers = try #require(
      RunConfiguration.settings.first { $0.key == "perceptual.feature_layers" })
    #expect(layers.form.name == "list of words" && layers.form.words.count == 5)
  }

  @Test("The form of a key is that of its default")
  func formsFitDefaults() throws {
    let configuration = RunConfiguration()
    let values = Dictionary(uniqueKeysWithValues: configuration.values.map { ($0.key, $0.value) })
    for setting in RunConfiguration.settings {
      guard let value = values[setting.key] else { continue }
      switch setting.form {
      case .section: Issue.record("\(setting.key) is a section with a value")
      case .flag: #expect(["true", "false"].contains(value), "\(setting.key)")
      case .wholeNumber: #expect(Int(value) != nil, "\(setting.key)")
      case .number: #expect(value.contains(".") && Double(value) != nil, "\(setting.key)")
      case .choice(let words): #expect(words.map(\.name).contains(value), "\(setting.key)")
      case .list: #expect(value.hasPrefix("[") && value.hasSuffix("]"), "\(setting.key)")
      case .text: break
      }
    }
  }

  @Test("docs/settings.md is what the program writes")
  func pageIsCurrent() throws {
    let page = try String(
      contentsOf: PresetTests.folder.deletingLastPathComponent().appending(
        path: "docs/settings.md"),
      encoding: .utf8)
    let reference = RunConfiguration.settingsReference()
    let difference = zip(page.split(separator: "\n"), reference.split(separator: "\n"))
      .first { $0 != $1 }
    #expect(
      page == reference,
      """
      write it anew: .build/release/inpaint config --reference > docs/settings.md
      here: \(difference?.0 ?? "fewer or more lines")
      there: \(difference?.1 ?? "fewer or more lines")
      """)
  }
}
