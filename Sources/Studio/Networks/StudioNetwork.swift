import GeneratorFiles

/// Something that fills holes, as the page offers it.
struct StudioNetwork: Sendable, Equatable {
  /// What it is made of.
  enum Source: Sendable, Hashable {
    /// A generator's weights; the change date tells a new file of the same name.
    case weights(path: String, changed: Double)
    case patchMatch
    case telea
  }

  /// Names it in addresses.
  let id: String
  /// Names it for people.
  let name: String
  /// More about it, such as its step.
  let detail: String
  /// What it is made of.
  let source: Source

  /// What it can be asked for.
  let abilities: GeneratorAbilities

  /// What programs are told of it.
  struct Description: Encodable {
    let id, name, detail, kind: String
    /// Whether it fills holes.
    let fills: Bool
    /// Whether it fills one hole in several ways.
    let variants: Bool
    /// Whether it makes faces from random vectors.
    let sample: Bool
  }

  var description: Description {
    let isLearned = if case .weights = source { true } else { false }
    return Description(
      id: id, name: name, detail: detail, kind: isLearned ? "network" : "baseline",
      fills: abilities.fills, variants: abilities.drawsVariants, sample: abilities.samples)
  }
}
