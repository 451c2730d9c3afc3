import Autodiff
import Losses
import TensorCore
import TestSupport
import Testing

@Suite struct LossPropertiesTests {
  private func random(_ shape: Shape, sample: Int) -> Tensor {
    var generator = CounterBasedRandom(seed: 5, purpose: .test, sample: sample)
    return Tensor((0..<shape.elementCount).map { _ in generator.uniform() }, shape: shape)
  }

  /// A map with one bright spot.
  private func spot(row: Int, column: Int) -> Tensor {
    var values = [Float](repeating: 0, count: 64)
    values[row * 8 + column] = 1
    return Tensor(values, shape: [1, 1, 8, 8])
  }

  @Test func everyLossIsZeroAtEquality() {
    let picture = random([2, 3, 16, 16], sample: 0)
    let map = random([2, 4, 8, 8], sample: 1)
    let guidance = guidanceMap(picture, target: picture)
    #expect(guidance.elements.allSatisfy { $0 == 0 })
    #expect(pixelLoss(Variable(picture), target: picture).value.scalar == 0)
    #expect(
      featureLoss([Variable(map)], targetMaps: [map], guidance: random([2, 1, 8, 8], sample: 2))
        .value.scalar == 0)
    #expect(alignmentLoss(Variable(map), targetMap: map).value.scalar == 0)
    #expect(discriminatorFeatureLoss([Variable(map)], targetMaps: [map]).value.scalar == 0)
  }

  @Test func alignmentSeesBothCoordinatesUnlessTheSlipIsAskedFor() {
    let moved = Variable(spot(row: 6, column: 3))
    let target = spot(row: 2, column: 3)
    #expect(alignmentLoss(moved, targetMap: target).value.scalar > 0.1)
    #expect(
      alignmentLoss(moved, targetMap: target, axes: .horizontalTwice).value.scalar < 1e-6)
    let sideways = Variable(spot(row: 2, column: 7))
    let both = alignmentLoss(sideways, targetMap: target).value.scalar
    let twice = alignmentLoss(sideways, targetMap: target, axes: .horizontalTwice).value.scalar
    #expect(abs(twice - 2 * both) < 1e-4 * twice)
  }

  @Test func layerWeightsAreThePublishedOnes() {
    #expect(
      featureMapWeights == [
        0.244140625, 0.06103515625, 0.0152587890625, 0.003814697265625, 0.003814697265625,
      ])
  }

  @Test func unguidedAndLeftOutLayersChangeTheSum() {
    let maps = [random([1, 4, 8, 8], sample: 3), random([1, 4, 4, 4], sample: 4)]
    let targets = [random([1, 4, 8, 8], sample: 5), random([1, 4, 4, 4], sample: 6)]
    let guidance = random([1, 1, 8, 8], sample: 7)
    func loss(_ layers: Set<Int>, _ guided: Set<Int>) -> Float {
      featureLoss(
        maps.map(Variable.init), targetMaps: targets, guidance: guidance, layers: layers,
        guidedLayers: guided
      ).value.scalar
    }
    #expect(loss([0, 1], [0, 1]) > loss([0, 1], [0]))
    #expect(loss([0, 1], [0]) > loss([0], [0]))
    #expect(loss([], []) == 0)
  }

  @Test func relativisticLossesAreFiniteForLargeLogits() {
    let real = Variable.leaf(Tensor([300, -400], shape: [2, 1]))
    let fake = Variable.leaf(Tensor([-500, 600], shape: [2, 1]))
    let loss = relativisticLoss(real: real, fake: fake, realLabel: 1)
    #expect(loss.value.scalar.isFinite)
    for gradient in gradients(of: loss, by: [real, fake]) {
      #expect(gradient?.value.elements.allSatisfy(\.isFinite) == true)
    }
  }
}
