package import Autodiff
package import TensorCore
package import Testing

/// Compares second derivatives from the graph with differences of a double-precision reference.
///
/// For a scalar L of some inputs, the penalty `P = |dL/dx|^2 / 2` on the gradient by the first
/// input x is differentiated by every input. With `g = dL/dx`, the derivative of P along v is the
/// mixed second derivative of L along g and v.
package struct SecondDerivativeCheck: Sendable {
  /// What is checked; begins every message.
  package var subject: String
  /// Number of random cases.
  package var seeds = 20
  /// Layouts that feature maps are given in.
  package var layouts: [Layout] = [.plain, .blocked(8)]
  /// Allowed difference, relative to max(1, |value|).
  package var tolerance = 1e-3

  /// Makes a check with 20 random cases in each of two layouts.
  package init(_ subject: String) {
    self.subject = subject
  }

  /// Expects that the gradients of the penalty are those of the reference.
  ///
  /// - Parameters:
  ///   - inputs: The first one is x; keep them away from kinks.
  ///   - operation: The scalar L of one variable for each input.
  ///   - reference: The same in double precision.
  ///   - sourceLocation: Where a failure is reported.
  package func expectPenaltyGradients(
    of inputs: [GradientCheck.Input], operation: ([Variable]) -> Variable,
    reference: ([ReferenceTensor]) -> Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for problem in problems(of: inputs, operation: operation, reference: reference) {
      Issue.record(Comment(rawValue: problem), sourceLocation: sourceLocation)
    }
  }

  /// What is wrong, one line for each failing case.
  package func problems(
    of inputs: [GradientCheck.Input], operation: ([Variable]) -> Variable,
    reference: ([ReferenceTensor]) -> Double
  ) -> [String] {
    let layouts = inputs.contains(where: \.isFeatureMap) ? layouts : [.plain]
    return (0..<seeds).flatMap { seed in
      var random = CounterBasedRandom(test: seed)
      let points = inputs.map { $0.draw(&random) }
      let directions = points.map { point in
        let direction = ReferenceTensor.random(point.shape, using: &random)
        return direction * (1 / direction.norm)
      }
      let slope = Self.gradient(of: reference, at: points)
      let expected = directions.enumerated().map { index, direction in
        Self.mixedDerivative(of: reference, at: points, along: slope, direction, of: index)
      }
      return layouts.flatMap { layout in
        let leaves = zip(inputs, points).map { input, point in
          Variable.leaf(point.tensor(layout: input.isFeatureMap ? layout : .plain))
        }
        return problems(
          operation(leaves), leaves, slope, directions: directions, expected: expected
        ).map { "\(subject), seed \(seed), \(layout): \($0)" }
      }
    }
  }

  private func problems(
    _ value: Variable, _ leaves: [Variable], _ slope: ReferenceTensor,
    directions: [ReferenceTensor], expected: [Double]
  ) -> [String] {
    let first = gradients(of: value, by: [leaves[0]], keepsGraph: true, recordsGraph: true)
    guard let gradient = first[0] else { return ["no gradient by the first input"] }
    if let problem = discrepancy(gradient, slope, .normwise(1e-4)) {
      return ["first gradient: \(problem)"]
    }
    let penalty = (gradient * gradient).sum() * 0.5
    let second = gradients(of: penalty, by: leaves)
    return directions.indices.compactMap { index in
      let actual = second[index]?.reference.dot(directions[index]) ?? 0
      guard abs(actual - expected[index]) > tolerance * max(1, abs(expected[index])) else {
        return nil
      }
      return "input \(index): derivative of the penalty \(actual), expected \(expected[index])"
    }
  }

  /// The gradient by the first input, from central differences.
  private static func gradient(
    of function: ([ReferenceTensor]) -> Double, at points: [ReferenceTensor]
  ) -> ReferenceTensor {
    let step = 1e-6
    var moved = points
    return ReferenceTensor(shape: points[0].shape) { index in
      let value = points[0].elements[index]
      moved[0].elements[index] = value + step
      let above = function(moved)
      moved[0].elements[index] = value - step
      let below = function(moved)
      moved[0].elements[index] = value
      return (above - below) / (2 * step)
    }
  }

  /// The derivative along `slope` of the first input and along `direction` of input `index`.
  private static func mixedDerivative(
    of function: ([ReferenceTensor]) -> Double, at points: [ReferenceTensor],
    along slope: ReferenceTensor, _ direction: ReferenceTensor, of index: Int
  ) -> Double {
    let step = 3e-4
    let length = slope.norm
    guard length > 0 else { return 0 }
    let unitSlope = slope * (1 / length)
    func value(_ first: Double, _ second: Double) -> Double {
      function(
        points.moving(0, by: first * step, along: unitSlope)
          .moving(index, by: second * step, along: direction))
    }
    return length * (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * step * step)
  }
}
