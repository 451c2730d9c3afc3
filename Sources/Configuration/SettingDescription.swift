import Yams

/// What is known about a key of a configuration file beside its value.
package struct SettingDescription: Equatable, Sendable {
  /// The key's path, such as `training.batch`; a section's is that of its keys without the last name.
  package let key: String

  /// What its values look like.
  package let form: SettingForm

  /// What it means, in sentences.
  package let meaning: String
}

extension RunConfiguration {
  /// Every section and every key of every kind of model, in the order of a configuration file, each
  /// section before its keys.
  package static let settings: [SettingDescription] = {
    let collector = SettingCollector()
    do {
      _ = try YAMLEncoder().encode(RunConfiguration(), userInfo: collector.userInfo)
    } catch {
      preconditionFailure("the defaults can always be encoded: \(error)")
    }
    return collector.settings
  }()
}
