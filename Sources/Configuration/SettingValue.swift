/// What a value of a setting may look like in a configuration file.
package indirect enum SettingForm: Equatable, Sendable {
  /// Keys below this one.
  case section
  /// `true` or `false`.
  case flag
  /// A number without a point.
  case wholeNumber
  /// A number.
  case number
  /// Any text.
  case text
  /// One of these words.
  case choice([SettingWord])
  /// A list of these.
  case list(SettingForm)

  /// The form in a word or two.
  package var name: String {
    switch self {
    case .section: "section"
    case .flag: "true or false"
    case .wholeNumber: "whole number"
    case .number: "number"
    case .text: "text"
    case .choice: "word"
    case .list(let element):
      switch element {
      case .flag, .section, .list: "list"
      case .wholeNumber, .number, .text, .choice: "list of \(element.name)s"
      }
    }
  }

  /// The words that are allowed; empty where anything of the form is.
  package var words: [SettingWord] {
    switch self {
    case .choice(let words): words
    case .list(let element): element.words
    case .section, .flag, .wholeNumber, .number, .text: []
    }
  }
}

/// A word that a setting may take.
package struct SettingWord: Equatable, Sendable {
  /// The word as it is written.
  package let name: String
  /// What it stands for, as a clause without a point.
  package let meaning: String
}

/// A type that a setting may have.
package protocol SettingValue: Codable, Equatable, Sendable {
  /// What its values look like.
  static var form: SettingForm { get }
}

/// A type of values whose keys are settings of their own.
package protocol SettingsSection: SettingValue {}

extension SettingsSection {
  package static var form: SettingForm { .section }
}

extension Bool: SettingValue {
  package static var form: SettingForm { .flag }
}

extension Int: SettingValue {
  package static var form: SettingForm { .wholeNumber }
}

extension UInt64: SettingValue {
  package static var form: SettingForm { .wholeNumber }
}

extension Double: SettingValue {
  package static var form: SettingForm { .number }
}

extension String: SettingValue {
  package static var form: SettingForm { .text }
}

extension Array: SettingValue where Element: SettingValue {
  package static var form: SettingForm { .list(Element.form) }
}
