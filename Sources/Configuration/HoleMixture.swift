/// How often each kind of hole is drawn, relative to the others; 0 is never.
package struct HoleMixture: Equatable, SettingsSection {
  /// By the kind's name.
  private var weights: [String: Double]

  /// The defaults.
  package init() {
    weights = Dictionary(
      uniqueKeysWithValues: HoleKind.all.map { ($0.name, $0.usualWeight) })
  }

  /// The weight of a kind.
  package subscript(kind: HoleKind) -> Double {
    get { weights[kind.name] ?? 0 }
    set { weights[kind.name] = newValue }
  }
}

extension HoleMixture: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads the weight of every kind by its name.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    weights = try Dictionary(
      uniqueKeysWithValues: HoleKind.all.map {
        ($0.name, try container.decode(Double.self, forKey: Name(stringValue: $0.name)))
      })
  }

  /// Writes the weight of every kind under its name, in the order of the table.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for kind in HoleKind.all {
      try container.encode(
        Setting(wrappedValue: self[kind], kind.meaning), forKey: Name(stringValue: kind.name))
    }
  }
}
