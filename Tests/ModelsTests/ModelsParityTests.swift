import Autodiff
import Kernels
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// Networks against PyTorch, on both convolution paths.
@Suite struct ModelsParityTests {
  static let backends: [ConvolutionBackend] = [.automatic, .library, .columns]

  @Test(arguments: ["dmfb_paper", "dmfb_released"], backends)
  func fusionBlock(_ name: String, _ backend: ConvolutionBackend) throws {
    let fixture = try Fixture(name)
    let kind = try #require(FusionBlockKind(rawValue: fixture.settings.string("variant")))
    let input = try fixture.tensor("in.0")
    let block = FusionBlock(
      "block", channels: input.shape[1], kind: kind, initializer: Initializer(seed: 0))
    try fixture.load(into: block, dropping: "block.")
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: block.parameters, dropping: "block.") { [block($0[0])] }
    }
  }

  @Test(arguments: ["generator_paper", "generator_released"], backends)
  func generator(_ name: String, _ backend: ConvolutionBackend) throws {
    let fixture = try Fixture(name)
    let kind = try #require(FusionBlockKind(rawValue: fixture.settings.string("variant")))
    let generator = Generator(
      GeneratorSettings(
        width: try fixture.settings.integer("nf"), blocks: try fixture.settings.integer("blocks"),
        block: kind), initializer: Initializer(seed: 0))
    try fixture.load(into: generator)
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: generator.parameters) { [generator($0[0])] }
    }
  }

  @Test(arguments: backends)
  func discriminator(_ backend: ConvolutionBackend) throws {
    let fixture = try Fixture("discriminator")
    let discriminator = Discriminator(
      width: try fixture.settings.integer("nf"), side: try fixture.settings.integer("side"),
      initializer: Initializer(seed: 0))
    try fixture.load(into: discriminator)
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: discriminator.parameters) { inputs in
        var statistics: [Tensor] = []
        let output = discriminator(local: inputs[0], whole: inputs[1], statistics: &statistics)
        return [output.logits] + output.localMaps
      }
    }
  }

  @Test(arguments: ["vgg_exact", "vgg_released"], backends)
  func features(_ name: String, _ backend: ConvolutionBackend) throws {
    let fixture = try Fixture(name)
    let normalization = try #require(
      VGGNormalization(rawValue: fixture.settings.string("normalisation")))
    let features = VGG19(
      weights: try fixture.tensors(prefix: "param."), normalization: normalization)
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: []) { features($0[0]) }
    }
  }
}
