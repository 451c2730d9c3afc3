import Foundation
package import Testing

/// How much two arrays may differ.
package enum Tolerance: Sendable {
  /// `|a - b| <= bound * |b|` in the Euclidean norm of the whole array.
  case normwise(Double)
  /// `|a - b| <= absolute + relative * |b|` for every element.
  case elementwise(absolute: Double, relative: Double)
  /// The same number in every element.
  case exact
}

/// What is wrong with an array compared with the expected one, or nil where nothing is.
///
/// Shapes are compared first; a NaN on either side never passes.
package func discrepancy(
  _ actual: some ComparableToReference, _ expected: some ComparableToReference,
  _ tolerance: Tolerance
) -> String? {
  let (a, b) = (actual.reference, expected.reference)
  guard a.shape == b.shape else { return "shape \(a.shape), expected \(b.shape)" }
  guard a.elements.count == b.elements.count else {
    return "\(a.elements.count) elements, expected \(b.elements.count)"
  }
  if let index = a.elements.indices.first(where: { a.elements[$0].isNaN || b.elements[$0].isNaN }) {
    return "not a number: " + describeElement(index, a, b)
  }
  switch tolerance {
  case .normwise(let bound):
    let differences = zip(a.elements, b.elements).map { $0 == $1 ? 0 : abs($0 - $1) }
    let error = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard error > bound * b.norm || !error.isFinite, let worst = indexOfLargest(differences) else {
      return nil
    }
    return String(
      format: "relative error %.3g in norm, at most %.3g allowed; worst: ", error / b.norm, bound)
      + describeElement(worst, a, b)
  case .elementwise(let absolute, let relative):
    return worstExcess(a, b) { absolute + relative * abs($0) }
  case .exact:
    return worstExcess(a, b) { _ in 0 }
  }
}

/// Expects that an array equals another one within a tolerance, and prints the worst element if not.
package func expectClose(
  _ actual: some ComparableToReference, _ expected: some ComparableToReference,
  _ tolerance: Tolerance = .normwise(1e-5), _ subject: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let problem = discrepancy(actual, expected, tolerance) else { return }
  let name = subject()
  Issue.record(
    Comment(rawValue: name.isEmpty ? problem : "\(name): \(problem)"),
    sourceLocation: sourceLocation)
}

private func worstExcess(
  _ a: ReferenceTensor, _ b: ReferenceTensor, allowed: (Double) -> Double
) -> String? {
  let excesses = zip(a.elements, b.elements).map { actual, expected in
    guard actual != expected else { return 0.0 }
    let excess = abs(actual - expected) - allowed(expected)
    return excess.isNaN ? .infinity : excess
  }
  guard let worst = indexOfLargest(excesses), excesses[worst] > 0 else { return nil }
  let count = excesses.count { $0 > 0 }
  return "\(count) of \(excesses.count) elements differ too much; worst: "
    + describeElement(worst, a, b)
}

private func indexOfLargest(_ values: [Double]) -> Int? {
  values.indices.max { values[$0] < values[$1] }
}

private func describeElement(_ index: Int, _ a: ReferenceTensor, _ b: ReferenceTensor) -> String {
  var position: [Int] = []
  var rest = index
  for extent in a.shape.reversed() {
    position.insert(rest % extent, at: 0)
    rest /= extent
  }
  return "at \(position) \(a.elements[index]), expected \(b.elements[index])"
}
