import Spelling

/// A part of a data set.
package enum DatasetSplit: String, CaseIterable, Sendable {
  /// The images to learn from.
  case train
  /// The images to look at while training.
  case validation
  /// The images for the final scores.
  case test
  /// Every image, whatever its part.
  case all

  /// Reads the name of a part.
  ///
  /// - Throws: `DatasetError` suggesting the nearest name.
  package init(named name: String) throws {
    if let split = Self(rawValue: name) {
      self = split
      return
    }
    let names = Self.allCases.map(\.rawValue)
    throw DatasetError(
      .unknownName, "split \"\(name)\"", "there is no such part of a data set",
      remedy: "did you mean \"\(nearestName(to: name, among: names) ?? "train")\"? "
        + "The parts are \(names.joined(separator: ", "))")
  }
}
