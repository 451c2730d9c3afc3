/// A file whose tensors are not those that a network expects.
package struct TensorMismatchError: Error, Equatable, CustomStringConvertible {
  /// A tensor whose shape in the file is not the expected one.
  package struct Misshapen: Equatable, Sendable {
    /// The name of the tensor.
    package let name: String
    /// The shape that the network has.
    package let expected: [Int]
    /// The shape that the file has.
    package let found: [Int]
  }

  /// The file.
  package let path: String
  /// Expected, but not in the file; in the network's order.
  package let missing: [String]
  /// In the file, but not expected; in the file's order.
  package let unexpected: [String]
  /// In both with different shapes; in the network's order.
  package let misshapen: [Misshapen]

  /// All differences, one a line.
  package var description: String {
    var lines = [
      "\(path): does not fit the network: \(missing.count) missing, "
        + "\(unexpected.count) unexpected, \(misshapen.count) misshapen tensors"
    ]
    lines += missing.map { "  missing: \($0)" }
    lines += unexpected.map { "  unexpected: \($0)" }
    lines += misshapen.map { "  misshapen: \($0.name) is \($0.found), expected \($0.expected)" }
    lines.append("Check that the file belongs to this model kind, block variant and width.")
    return lines.joined(separator: "\n")
  }
}

extension TensorFile {
  /// Checks that the file holds exactly the expected tensors.
  ///
  /// - Parameters:
  ///   - expected: Names and shapes, in the order in which they are to be reported.
  ///   - allowUnexpected: Decides whether a tensor that nobody asked for is fine; none is by
  ///     default.
  /// - Throws: `TensorMismatchError` that lists every missing, unexpected and misshapen tensor.
  package func match(
    _ expected: [(name: String, shape: [Int])],
    allowUnexpected: (String) -> Bool = { _ in false }
  ) throws(TensorMismatchError) {
    let expectedNames = Set(expected.map(\.name))
    let error = TensorMismatchError(
      path: path,
      missing: expected.map(\.name).filter { self[$0] == nil },
      unexpected: names.filter { !expectedNames.contains($0) && !allowUnexpected($0) },
      misshapen: expected.compactMap { name, shape in
        guard let found = self[name]?.shape, found != shape else { return nil }
        return .init(name: name, expected: shape, found: found)
      })
    guard error.missing.isEmpty, error.unexpected.isEmpty, error.misshapen.isEmpty else {
      throw error
    }
  }
}
