import Autodiff
import Foundation
import Losses
import TensorCore
import TestSupport
import Testing

@Suite struct CrossEntropyLossTests {
  private let logits: [Float] = [-40, -3, -0.5, 0, 0.25, 2, 9, 40]

  /// The definition in double precision, also where the discriminator is sure: relative to each value.
  @Test(arguments: [true, false])
  func equalsTheDefinition(isReal: Bool) throws {
    for logit in logits {
      let leaf = Variable.leaf(Tensor([logit], shape: [1, 1]))
      let loss = crossEntropyLoss(leaf, isReal: isReal)
      let z = Double(isReal ? -logit : logit)
      let expected = log1p(exp(z))
      #expect(abs(Double(loss.value.scalar) - expected) <= 1e-6 * expected, "\(logit)")
      let slope = Double(try #require(gradients(of: loss, by: [leaf])[0]).value.elements[0])
      let expectedSlope = (isReal ? -1 : 1) / (1 + exp(-z))
      #expect(abs(slope - expectedSlope) <= 1e-6 * abs(expectedSlope), "\(logit)")
    }
  }

  @Test(arguments: [true, false])
  func fitsFiniteDifferences(isReal: Bool) {
    GradientCheck("cross entropy").expectGradients(
      of: [.values([5, 1])], operation: { crossEntropyLoss($0[0], isReal: isReal) },
      reference: { inputs in
        let values = inputs[0].elements.map { log1p(exp(isReal ? -$0 : $0)) }
        return ReferenceTensor([values.reduce(0, +) / Double(values.count)], shape: [])
      })
  }
}
