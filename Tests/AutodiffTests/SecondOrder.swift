import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

/// A scalar whose second derivatives are not constant even for a linear operation:
/// `sum_i c_i y_i^2` with weights `c_i` from 0.5 to 1.5.
private func weights(_ shape: [Int]) -> ReferenceTensor {
  ReferenceTensor(shape: shape) { 0.5 + Double(($0 * 7) % 11) / 10 }
}

extension Variable {
  func weightedSquares() -> Variable {
    (self * self * Variable(weights(shape.dimensions).tensor())).sum()
  }
}

extension ReferenceTensor {
  func weightedSquares() -> Double {
    elements.indices.reduce(0) { sum, index in
      sum + Double(Float(weights(shape).elements[index])) * elements[index] * elements[index]
    }
  }
}

/// Expects that the backward pass taken while nothing is recorded, which may be a fused kernel,
/// equals the one that is recorded, which goes through the operation's definition.
func expectFusedBackwardEqualsDefinition(
  _ subject: String, of inputs: [GradientCheck.Input],
  sourceLocation: SourceLocation = #_sourceLocation, operation: ([Variable]) -> Variable
) {
  for seed in 0..<5 {
    for layout in [Layout.plain, .blocked(8), .blocked(16)] {
      var random = CounterBasedRandom(test: seed)
      let leaves = inputs.map { Variable.leaf($0.value(layout: layout, using: &random)) }
      let output = operation(leaves)
      let upstream = Variable(
        ReferenceTensor.random(output.shape.dimensions, using: &random).tensor())
      let recorded = gradients(
        of: [(output, upstream)], by: leaves, keepsGraph: true, recordsGraph: true)
      let fused = gradients(of: [(output, upstream)], by: leaves)
      for (index, (fused, recorded)) in zip(fused, recorded).enumerated() {
        guard let fused, let recorded else {
          Issue.record("\(subject): input \(index) has no gradient", sourceLocation: sourceLocation)
          continue
        }
        #expect(!fused.requiresGradient, sourceLocation: sourceLocation)
        expectClose(
          fused, recorded, .normwise(2e-5), "\(subject), input \(index), \(layout)",
          sourceLocation: sourceLocation)
        expectPaddingIsZeroInMaps(fused.value, subject, sourceLocation)
      }
    }
  }
}

private func expectPaddingIsZeroInMaps(
  _ tensor: Tensor, _ subject: String, _ sourceLocation: SourceLocation
) {
  guard tensor.layout != .plain else { return }
  expectPaddingIsZero(tensor, subject, sourceLocation: sourceLocation)
}
