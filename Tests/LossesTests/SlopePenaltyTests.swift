import Autodiff
import Losses
import TensorCore
import TestSupport
import Testing

@Suite("Slope penalty (R1)")
struct SlopePenaltyTests {
  /// `D(x) = sum a x^2 / 2` has the slope `a x`: penalty and gradient in closed form, for two batches.
  @Test func equalsTheClosedForm() {
    var random = CounterBasedRandom(test: 1)
    let shape = [3, 3, 4, 5]
    let pictures = (0..<2).map { _ in ReferenceTensor.random(shape, using: &random) }
    let weight = ReferenceTensor.random(shape, using: &random)
    let a = Variable.leaf(weight.tensor())
    let penalties = slopePenalties(of: pictures.map { $0.tensor() }) { inputs in
      inputs.map { ($0 * $0 * a * 0.5).flattened().summed(along: 1) }
    }
    for (penalty, picture) in zip(penalties, pictures) {
      let slope = weight.combined(with: picture) { $0 * $1 }
      expectClose(
        penalty.value, ReferenceTensor([slope.dot(slope) / 3], shape: []), .normwise(1e-5))
      let gradient = gradients(of: penalty, by: [a], keepsGraph: true)[0]
      let expected = slope.combined(with: picture) { 2 * $0 * $1 / 3 }
      #expect(gradient != nil)
      if let gradient { expectClose(gradient, expected, .normwise(1e-5)) }
    }
  }

  /// Nothing is learnt about a discriminator that does not look at differences.
  @Test func aFlatDiscriminatorPaysNothing() {
    let weight = Variable.leaf(Tensor(0))
    let penalty = slopePenalties(of: [Tensor(repeating: 1, shape: [2, 3, 2, 2])]) { inputs in
      inputs.map { $0.sum() * weight }
    }[0]
    #expect(penalty.value.scalar == 0)
  }
}
