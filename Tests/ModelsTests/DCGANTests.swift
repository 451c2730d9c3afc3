import Autodiff
import Kernels
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// DCGAN's networks: sizes, names and first values as published, and the exported file.
@Suite struct DCGANTests {
  private let initializer = Initializer(seed: 1)

  @Test func publishedNumbersOfParameters() {
    let (generator, discriminator) = (
      DCGANGenerator(initializer: initializer), DCGANDiscriminator(initializer: initializer)
    )
    #expect(generator.parameterCount == 3_576_704)
    #expect(discriminator.parameterCount == 2_765_568)
    #expect(
      generator.parameters.map(\.name) == [
        "main.0.weight", "main.1.weight", "main.1.bias", "main.3.weight", "main.4.weight",
        "main.4.bias", "main.6.weight", "main.7.weight", "main.7.bias", "main.9.weight",
        "main.10.weight", "main.10.bias", "main.12.weight",
      ])
    #expect(
      discriminator.parameters.map(\.name) == [
        "main.0.weight", "main.2.weight", "main.3.weight", "main.3.bias", "main.5.weight",
        "main.6.weight", "main.6.bias", "main.8.weight", "main.9.weight", "main.9.bias",
        "main.11.weight",
      ])
    #expect(
      generator.buffers.map(\.name).prefix(2) == ["main.1.running_mean", "main.1.running_var"])
    #expect(generator.parameters[0].shape == [100, 512, 4, 4])
    #expect(discriminator.parameters.last?.shape == [1, 512, 4, 4])
  }

  @Test func firstValuesFollowThePublishedRules() {
    for parameter in DCGANGenerator(initializer: initializer).parameters {
      let values = parameter.value.elements
      let mean = values.reduce(0, +) / Float(values.count)
      let deviation =
        (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)).squareRoot()
      if parameter.name.hasSuffix("bias") {
        #expect(values.allSatisfy { $0 == 0 })
      } else {
        #expect(abs(mean - (parameter.shape.dimensions.count == 1 ? 1 : 0)) < 0.01)
        #expect(abs(deviation - 0.02) < 0.005, "\(parameter.name)")
      }
    }
  }

  /// Each doubling of the side is one more stage.
  @Test(arguments: DCGANSettings.sides)
  func sides(side: Int) {
    let settings = DCGANSettings(width: 2, latent: 3, side: side)
    let generator = DCGANGenerator(settings, initializer: initializer)
    let latents = latentVectors(0..<2, count: 3, seed: 1, purpose: .sample)
    var statistics: [Tensor] = []
    let pictures = generator(latents, statistics: &statistics)
    #expect(pictures.shape == [2, 3, side, side])
    #expect(statistics.map(\.shape) == generator.buffers.map(\.value.shape))
    #expect(generator.inferred(latents).elements.allSatisfy { abs($0) <= 1 })
    let discriminator = DCGANDiscriminator(settings, initializer: initializer)
    statistics = []
    #expect(discriminator(pictures, statistics: &statistics).shape == [2, 1])
    #expect(statistics.map(\.shape) == discriminator.buffers.map(\.value.shape))
  }

  @Test func storesFeatureMapsInBFloat16() {
    let settings = DCGANSettings(width: 4, latent: 5, side: 32)
    var generator = DCGANGenerator(settings, initializer: initializer)
    var discriminator = DCGANDiscriminator(settings, initializer: initializer)
    let latents = latentVectors(0..<3, count: 5, seed: 1, purpose: .sample)
    func judged() -> (pictures: Tensor, logits: Tensor) {
      var unused: [Tensor] = []
      let pictures = generator(latents, statistics: &unused)
      unused = []
      return (
        pictures.value.converted(to: .plain), discriminator(pictures, statistics: &unused).value
      )
    }
    let exact = judged()
    generator.precision = .bfloat16
    discriminator.precision = .bfloat16
    let rounded = judged()
    #expect(rounded.pictures.elementType == .float32 && rounded.logits.elementType == .float32)
    #expect(rounded.pictures.elements != exact.pictures.elements)
    #expect(discrepancy(rounded.pictures, exact.pictures, .normwise(0.02)) == nil)
    #expect(discrepancy(rounded.logits, exact.logits, .normwise(0.1)) == nil)
  }

  /// A picture does not depend on how many are made beside it, and pieces join without a seam.
  @Test func piecesAreTheSameWhateverIsMadeBeside() {
    let generator = DCGANGenerator(
      DCGANSettings(width: 2, latent: 6, side: 32), initializer: initializer)
    func made(_ count: Int) -> [[Float]] {
      let latents = latentVectors(0..<count, count: 6, seed: 4, purpose: .sample)
      return generator.inferredInPieces(latents).flatMap { piece in
        let size = 3 * 32 * 32
        return (0..<piece.shape[0]).map { Array(piece.elements[$0 * size..<($0 + 1) * size]) }
      }
    }
    let all = made(19)
    #expect(all.count == 19 && Set(all).count == 19)
    for count in [1, 3, 8, 9] { #expect(made(count) == Array(all.prefix(count)), "\(count)") }
  }

  @Test func isAWholeONNXModel() throws {
    let generator = DCGANGenerator(
      DCGANSettings(width: 2, latent: 6, side: 32), initializer: initializer)
    let model = try #require(ProtobufFields(generator.onnxModel(producerVersion: "1.2")))
    let graph = try #require(model.messages(7).first)
    #expect(graph.messages(11).flatMap { $0.texts(1) } == ["latent"])
    #expect(graph.messages(12).flatMap { $0.texts(1) } == ["image"])
    let constants = graph.messages(5).flatMap { $0.texts(8) }
    let names = generator.parameters.map(\.name) + generator.buffers.map(\.name)
    #expect(Set(names).isSubset(of: constants))
    #expect(
      graph.messages(1).flatMap { $0.texts(4) } == [
        "Reshape", "ConvTranspose", "BatchNormalization", "Relu", "ConvTranspose",
        "BatchNormalization", "Relu", "ConvTranspose", "BatchNormalization", "Relu",
        "ConvTranspose", "Tanh",
      ])
    let facts = model.messages(14).map { $0.texts(1) + $0.texts(2) }
    #expect(facts == generator.exportedFacts.map { [$0.key, $0.value] })
  }
}
