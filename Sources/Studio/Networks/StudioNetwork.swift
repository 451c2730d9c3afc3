/// Something that fills holes, as the page offers it.
struct StudioNetwork: Sendable, Equatable {
  /// What it is made of.
  enum Source: Sendable, Equatable {
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

  /// What programs are told of it.
  struct Description: Encodable {
    let id, name, detail, kind: String
    /// Whether it draws several fillings of one hole.
    let variants: Bool
    /// Whether it draws faces from noise alone.
    let sample: Bool
  }

  var description: Description {
    let isLearned = if case .weights = source { true } else { false }
    return Description(
      id: id, name: name, detail: detail, kind: isLearned ? "network" : "baseline",
      // Generators of today are functions of picture and hole.
      variants: false, sample: false)
  }
}
