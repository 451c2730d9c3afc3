extension ReferenceTensor {
  /// The harmonic membranes that equal this array at the known pixels beside each hole, zero elsewhere:
  /// by sweeps until nothing changes, for small pictures.
  ///
  /// - Parameter hole: 1 = hole and 0 = known, [N, 1, H, W].
  /// - Returns: [N, C, H, W].
  package func membrane(over hole: ReferenceTensor) -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: shape)
    for image in 0..<shape[0] {
      let isKnown = { (row: Int, column: Int) in hole[image, 0, row, column] == 0 }
      guard (0..<shape[2] * shape[3]).contains(where: { isKnown($0 / shape[3], $0 % shape[3]) })
      else { continue }
      for channel in 0..<shape[1] {
        var change = Double.infinity
        while change > 1e-15 {
          change = 0
          for row in 0..<shape[2] {
            for column in 0..<shape[3] where !isKnown(row, column) {
              let neighbours = [(-1, 0), (0, -1), (0, 1), (1, 0)]
                .map { (row + $0.0, column + $0.1) }
                .filter { (0..<shape[2]).contains($0.0) && (0..<shape[3]).contains($0.1) }
              let sum = neighbours.reduce(0) { sum, place in
                let source = isKnown(place.0, place.1) ? self : result
                return sum + source[image, channel, place.0, place.1]
              }
              let value = sum / Double(neighbours.count)
              change = max(change, abs(value - result[image, channel, row, column]))
              result[image, channel, row, column] = value
            }
          }
        }
      }
    }
    return result
  }
}
