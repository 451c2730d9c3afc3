import Spelling

/// A setting that takes one of a few names.
///
/// Decoding a name that is none of them throws an error that lists them all and the nearest one.
package protocol ConfigurationChoice: RawRepresentable<String>, CaseIterable, SettingValue {
  /// What the name stands for, as a clause without a point; it is told nowhere else.
  var meaning: String { get }
}

extension ConfigurationChoice {
  package static var form: SettingForm {
    .choice(allCases.map { SettingWord(name: $0.rawValue, meaning: $0.meaning) })
  }

  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let choice = Self(rawValue: name) else {
      let names = Self.allCases.map(\.rawValue)
      var reason = "is not one of \(names.joined(separator: ", "))"
      if let nearest = nearestName(to: name, among: names), names.count > 1 {
        reason += "; the nearest is \(nearest)"
      }
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: reason))
    }
    self = choice
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
