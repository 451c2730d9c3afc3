/// A key of a configuration: its default, its type, and what it means.
///
/// The meaning stands nowhere else; `RunConfiguration.settings` collects it for the pages and the
/// command `config`. It is a text for people who write configuration files: a sentence or two, in which
/// `` `code` `` marks keys and values. Encoded and decoded, a setting is its value.
@propertyWrapper
package struct Setting<Value: SettingValue>: Codable, Equatable, Sendable {
  /// The value.
  package var wrappedValue: Value

  /// What it means; empty in a configuration that was decoded.
  private let meaning: String

  /// A key with its default.
  package init(wrappedValue: Value, _ meaning: String) {
    self.wrappedValue = wrappedValue
    self.meaning = meaning
  }

  package init(from decoder: any Decoder) throws {
    self.init(wrappedValue: try decoder.singleValueContainer().decode(Value.self), "")
  }

  package func encode(to encoder: any Encoder) throws {
    SettingCollector.of(encoder)?.note(
      SettingDescription(
        key: encoder.codingPath.map(\.stringValue).joined(separator: "."), form: Value.form,
        meaning: meaning))
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }

  package static func == (a: Self, b: Self) -> Bool { a.wrappedValue == b.wrappedValue }
}

/// Receives the description of every setting while a configuration is encoded.
final class SettingCollector {
  private static let key = CodingUserInfoKey(rawValue: "settings")

  /// What was encoded so far, in this order, each section before its keys.
  private(set) var settings: [SettingDescription] = []

  /// What an encoder takes along so that it can be found again.
  var userInfo: [CodingUserInfoKey: Any] {
    Self.key.map { [$0: self] } ?? [:]
  }

  /// The collector that an encoder was given.
  static func of(_ encoder: any Encoder) -> SettingCollector? {
    key.flatMap { encoder.userInfo[$0] as? SettingCollector }
  }

  func note(_ setting: SettingDescription) { settings.append(setting) }
}
