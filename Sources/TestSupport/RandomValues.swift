package import TensorCore

extension CounterBasedRandom {
  /// The random numbers of one test case.
  package init(test seed: Int) {
    self.init(seed: UInt64(seed), purpose: .test)
  }
}

extension ReferenceTensor {
  /// Uniformly distributed numbers that float32 represents exactly.
  package static func random(
    _ shape: [Int], in range: ClosedRange<Double> = -1...1, using random: inout CounterBasedRandom
  ) -> ReferenceTensor {
    ReferenceTensor(shape: shape) { _ in
      Double(Float(Double.random(in: range, using: &random)))
    }
  }

  /// Numbers between -1 and 1 whose magnitude is at least `margin`: away from the kink at zero.
  package static func randomAwayFromZero(
    _ shape: [Int], margin: Double = 0.05, using random: inout CounterBasedRandom
  ) -> ReferenceTensor {
    ReferenceTensor(shape: shape) { _ in
      let magnitude = Double(Float(Double.random(in: margin...1, using: &random)))
      return Bool.random(using: &random) ? magnitude : -magnitude
    }
  }

  /// Numbers between -1 and 1 in random order, no two closer than `2 / count`: no ties for a maximum.
  package static func randomDistinct(
    _ shape: [Int], using random: inout CounterBasedRandom
  ) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    let order = (0..<count).shuffled(using: &random)
    return ReferenceTensor(shape: shape) {
      Double(Float((2 * Double(order[$0]) + 1) / Double(count) - 1))
    }
  }
}
