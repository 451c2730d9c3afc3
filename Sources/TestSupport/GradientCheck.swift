package import Autodiff
package import TensorCore
package import Testing

/// Compares gradients from the graph with differences of values, along random directions.
///
/// For random inputs x, a random gradient u of the output and a random direction v of one input,
/// `u . J v` is computed from the graph and as a central difference. The difference is taken of a
/// double-precision reference where there is one, otherwise of the float32 operation itself.
package struct GradientCheck: Sendable {
  /// One input of the operation under test.
  package struct Input: Sendable {
    let isFeatureMap: Bool
    let draw: @Sendable (inout CounterBasedRandom) -> ReferenceTensor

    /// Feature maps, [N, C, H, W]: given to the operation in each layout in turn.
    package static func featureMaps(
      _ shape: [Int],
      _ draw: @escaping @Sendable ([Int], inout CounterBasedRandom) -> ReferenceTensor = {
        ReferenceTensor.random($0, using: &$1)
      }
    ) -> Input {
      Input(isFeatureMap: true) { draw(shape, &$0) }
    }

    /// Any other input, such as a weight: always in the plain layout.
    package static func values(
      _ shape: [Int],
      _ draw: @escaping @Sendable ([Int], inout CounterBasedRandom) -> ReferenceTensor = {
        ReferenceTensor.random($0, using: &$1)
      }
    ) -> Input {
      Input(isFeatureMap: false) { draw(shape, &$0) }
    }
  }

  /// What is checked; begins every message.
  package var subject: String
  /// Number of random cases.
  package var seeds = 20
  /// Layouts that feature maps are given in.
  package var layouts: [Layout] = [.plain, .blocked(8), .blocked(16)]
  /// Allowed difference, relative to max(1, |value|).
  package var tolerance = 1e-4

  /// Makes a check with 20 random cases in each of three layouts.
  package init(_ subject: String) {
    self.subject = subject
  }

  /// Expects that an operation equals a reference and that its gradients are the reference's.
  ///
  /// - Parameters:
  ///   - inputs: Shapes and values; keep them away from kinks.
  ///   - operation: From one variable for each input.
  ///   - reference: The same in double precision.
  ///   - sourceLocation: Where a failure is reported.
  package func expectGradients(
    of inputs: [Input], operation: ([Variable]) -> Variable,
    reference: ([ReferenceTensor]) -> ReferenceTensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for problem in problems(of: inputs, operation: operation, reference: reference) {
      Issue.record(Comment(rawValue: problem), sourceLocation: sourceLocation)
    }
  }

  /// Expects that an operation's gradients fit differences of its own float32 values.
  ///
  /// - Parameters:
  ///   - inputs: Shapes and values; keep them away from kinks.
  ///   - step: Length of the difference's step; a tolerance of 1e-3 suits 1e-2.
  ///   - operation: From one variable for each input.
  ///   - sourceLocation: Where a failure is reported.
  package func expectGradientsFitValues(
    of inputs: [Input], step: Double = 1e-2, operation: ([Variable]) -> Variable,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let ownValues = { (points: [ReferenceTensor]) in
      Recording.off { operation(points.map { Variable($0.tensor()) }).reference }
    }
    for problem in problems(
      of: inputs, step: step, operation: operation, reference: ownValues)
    {
      Issue.record(Comment(rawValue: problem), sourceLocation: sourceLocation)
    }
  }

  /// What is wrong, one line for each failing case.
  package func problems(
    of inputs: [Input], step: Double = 1e-6, operation: ([Variable]) -> Variable,
    reference: ([ReferenceTensor]) -> ReferenceTensor
  ) -> [String] {
    var found: [String] = []
    let layouts = inputs.contains(where: \.isFeatureMap) ? layouts : [.plain]
    for layout in layouts {
      for seed in 0..<seeds {
        var random = CounterBasedRandom(test: seed)
        let points = inputs.map { $0.draw(&random) }
        let leaves = zip(inputs, points).map { input, point in
          Variable.leaf(point.tensor(layout: input.isFeatureMap ? layout : .plain))
        }
        let output = operation(leaves)
        let place = "\(subject), seed \(seed), \(layout)"
        if let problem = discrepancy(output, reference(points), .normwise(1e-5)) {
          found.append("\(place): value: \(problem)")
          continue
        }
        let seedGradient = ReferenceTensor.random(output.shape.dimensions, using: &random)
        let gradients = gradients(
          of: [(output, Variable(seedGradient.tensor(layout: output.value.layout)))], by: leaves)
        for index in inputs.indices {
          let direction = ReferenceTensor.random(points[index].shape, using: &random)
          let expected =
            (seedGradient.dot(reference(points.moving(index, by: step, along: direction)))
              - seedGradient.dot(reference(points.moving(index, by: -step, along: direction))))
            / (2 * step)
          let problem = compare(gradients[index], expected, along: direction)
          if let problem { found.append("\(place), input \(index): \(problem)") }
        }
      }
    }
    return found
  }

  private func compare(
    _ gradient: Variable?, _ expected: Double, along direction: ReferenceTensor
  ) -> String? {
    guard let gradient = gradient?.reference else { return "no gradient" }
    guard gradient.shape == direction.shape else {
      return "a gradient of shape \(gradient.shape) for an input of shape \(direction.shape)"
    }
    let actual = gradient.dot(direction)
    guard abs(actual - expected) <= tolerance * max(1, abs(expected)) else {
      return "directional derivative \(actual), expected \(expected)"
    }
    return nil
  }
}

extension [ReferenceTensor] {
  /// These arrays with one of them moved by a step in a direction.
  func moving(_ index: Int, by step: Double, along direction: ReferenceTensor) -> Self {
    var result = self
    result[index] = self[index].moved(by: step, along: direction)
    return result
  }
}

extension GradientCheck.Input {
  /// A random value, in a layout where the input is a feature map.
  package func value(layout: Layout, using random: inout CounterBasedRandom) -> Tensor {
    draw(&random).tensor(layout: isFeatureMap ? layout : .plain)
  }
}
