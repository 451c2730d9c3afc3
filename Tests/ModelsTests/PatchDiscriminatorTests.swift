import Autodiff
import Kernels
import Layers
import Models
import TensorCore
import TestSupport
import Testing

@Suite("Discriminators beside the published one")
struct PatchDiscriminatorTests {
  private static let windows = CropWindows(tops: [3, 30], lefts: [7, 0], height: 32, width: 32)

  private func pictures(seed: Int) -> Tensor {
    var random = CounterBasedRandom(test: seed)
    return ReferenceTensor.random([2, 3, 64, 64], using: &random).tensor()
  }

  @Test(arguments: DiscriminatorNorm.allCases)
  func aNumberForEachPatch(norm: DiscriminatorNorm) {
    let discriminator = PatchDiscriminator(
      width: 4, side: 64, norm: norm, initializer: Initializer(seed: 2))
    var statistics: [Tensor] = []
    let output = discriminator.judge(
      [Variable(pictures(seed: 1))], windows: [Self.windows], over: nil, statistics: &statistics)
    #expect(output[0].logits.shape == [2, 1, 8, 8])
    #expect(output[0].localMaps.map { $0.shape[1] } == [4, 8, 16, 16])
    #expect(statistics.count == discriminator.buffers.count)
    #expect(discriminator.buffers.isEmpty == (norm != .batch))
  }

  /// A patch sees 61x61 pixels round its own, and nothing of what is farther away.
  @Test func patchesAreLocal() {
    let discriminator = PatchDiscriminator(
      width: 4, side: 128, norm: .none, initializer: Initializer(seed: 2))
    let picture = Variable.leaf(Tensor(repeating: 0.3, shape: [1, 3, 128, 128]))
    let windows = CropWindows(tops: [0], lefts: [0], height: 64, width: 64)
    let logits = discriminator.inferredLogits(picture, windows: windows)
    var seed = [Float](repeating: 0, count: 256)
    seed[8 * 16 + 8] = 1
    let gradient = gradients(
      of: [(logits, Variable(Tensor(seed, shape: [1, 1, 16, 16])))], by: [picture])[0]
    let rows = (0..<128).filter { row in
      (0..<128).contains { gradient?.value.elements[row * 128 + $0] != 0 }
    }
    #expect(rows.count <= 61 && rows.count > 40, "\(rows)")
  }

  /// Without batch norms a picture's judgement does not depend on the others, in training either.
  @Test(arguments: [DiscriminatorNorm.spectral, .none])
  func withoutBatchNormPicturesAreAlone(norm: DiscriminatorNorm) {
    let networks: [any PictureDiscriminator] = [
      Discriminator(width: 2, side: 64, norm: norm, initializer: Initializer(seed: 3)),
      PatchDiscriminator(width: 2, side: 64, norm: norm, initializer: Initializer(seed: 3)),
    ]
    for network in networks {
      #expect(network.buffers.isEmpty)
      #expect(!network.parameters.contains { $0.name.contains("norm") })
      var statistics: [Tensor] = []
      let pictures = Variable(pictures(seed: 4))
      let trained = network.judge(
        [pictures], windows: [Self.windows], over: nil, statistics: &statistics)[0].logits
      #expect(statistics.isEmpty)
      expectClose(
        network.inferredLogits(pictures, windows: Self.windows), trained, .normwise(1e-6))
    }
  }

  /// With batch norms running statistics take the place of those of the batch: a picture's judgement
  /// does not depend on the others.
  @Test func runningStatisticsJudgeAlone() {
    let network = Discriminator(width: 2, side: 64, initializer: Initializer(seed: 5))
    let (both, others) = (pictures(seed: 6), pictures(seed: 7))
    var mixed = both
    let half = both.shape.elementCount / 2
    mixed.withUnsafeMutableFloats { values in
      for index in half..<2 * half { values[index] = others.elements[index] }
    }
    let (judged, again) = (
      network.inferredLogits(Variable(both), windows: Self.windows),
      network.inferredLogits(Variable(mixed), windows: Self.windows)
    )
    #expect(judged.value.elements[0] == again.value.elements[0])
    #expect(judged.value.elements[1] != again.value.elements[1])
  }
}
