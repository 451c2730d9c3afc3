import Autodiff
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// The published numbers of parameters and names.
@Suite struct ModelSizesTests {
  private let initializer = Initializer(seed: 1)

  @Test func generatorWithPaperBlocks() {
    let generator = Generator(GeneratorSettings(), initializer: initializer)
    #expect(generator.parameterCount == 5_729_411)
  }

  @Test func generatorWithReleasedBlocks() {
    let generator = Generator(GeneratorSettings(block: .released), initializer: initializer)
    #expect(generator.parameterCount == 9_037_443)
    #expect(generator.parameters.count == 116)
    let names = generator.parameters.map(\.name)
    #expect(names.first == "encoder.0.conv.weight")
    #expect(names.contains("blocks.7.d4.bias"))
    #expect(names.contains("decoder.2.conv.conv.weight"))
    #expect(names.last == "decoder.3.conv.bias")
    let transposed = generator.parameters.first { $0.name == "decoder.1.deconv.weight" }
    #expect(transposed?.shape == [256, 128, 4, 4])
  }

  @Test func discriminator() {
    let discriminator = Discriminator(initializer: initializer)
    #expect(discriminator.parameterCount == 36_673_025)
    // PyTorch counts a batch counter for each of the 11 batch norms as well.
    #expect(discriminator.parameters.count + discriminator.buffers.count + 11 == 83)
  }

  @Test func initialValuesFollowThePublishedRules() {
    let generator = Generator(GeneratorSettings(), initializer: initializer)
    for parameter in generator.parameters {
      let values = parameter.value.elements
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
      switch (parameter.name.contains("deconv"), parameter.name.hasSuffix("bias")) {
      case (true, false):
        let bound = 1 / Float(parameter.shape[1] * 16).squareRoot()
        #expect(values.allSatisfy { abs($0) <= bound })
        #expect(abs(deviation - bound / Float(3).squareRoot()) < 0.02 * bound)
      case (true, true): break
      case (false, true): #expect(values.allSatisfy { $0 == 0 })
      case (false, false): #expect(abs(deviation - 0.02) < 0.002, "\(parameter.name)")
      }
    }
  }

  @Test func initialValuesDependOnTheSeedAlone() {
    let settings = GeneratorSettings(width: 4, blocks: 1)
    func values(_ seed: UInt64) -> [[Float]] {
      Generator(settings, initializer: Initializer(seed: seed)).parameters.map(\.value.elements)
    }
    #expect(values(3) == values(3))
    #expect(values(3) != values(4))
  }

  @Test func vggStopsWhereItsWeightsEnd() {
    var weights = VGG19.randomWeights(width: 2, initializer: initializer)
    for index in [12, 14, 16, 19, 21, 23, 25, 28] { weights["features.\(index).weight"] = nil }
    let features = VGG19(weights: weights, normalization: .exact)
    #expect(features.mapCount == 3)
    let maps = features(Variable(Tensor(repeating: 0.5, shape: [1, 3, 16, 16])))
    #expect(maps.map(\.shape) == [[1, 2, 16, 16], [1, 4, 8, 8], [1, 8, 4, 4]])
  }

  @Test func onlyTwoBiasesMatterInTheReleasedGenerator() {
    let generator = Generator(
      GeneratorSettings(width: 4, blocks: 2, block: .released), initializer: initializer)
    var random = CounterBasedRandom(seed: 1, purpose: .test)
    let input = Tensor(
      (0..<4 * 32 * 32).map { _ in random.uniform(-1, 1) }, shape: [1, 4, 32, 32])
    let before = generator(Variable(input)).plainElements
    for parameter in generator.parameters where parameter.name.hasSuffix("bias") {
      guard !["encoder.0.conv.bias", "decoder.3.conv.bias"].contains(parameter.name) else {
        continue
      }
      parameter.setElements((0..<parameter.shape[0]).map { _ in random.uniform(-0.1, 0.1) })
    }
    let after = generator(Variable(input)).plainElements
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}

extension Variable {
  fileprivate var plainElements: [Float] { plain().value.elements }
}
