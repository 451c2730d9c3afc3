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

extension Fixture {
  /// Gives a network the fixture's parameters.
  fileprivate func load(into module: some Module, dropping prefix: String = "") throws {
    for parameter in module.parameters {
      let name = "param." + parameter.name.dropFirst(prefix.count)
      parameter.setElements(try tensor(name).elements)
    }
  }

  /// Compares outputs, input gradients and parameter gradients.
  fileprivate func check(
    parameters: [Parameter], dropping prefix: String = "",
    _ forward: ([Variable]) -> [Variable]
  ) throws {
    let inputs = try names(prefix: "in.").filter { !$0.contains("upstream") }.sorted()
      .map { Variable.leaf(try tensor($0)) }
    let outputs = forward(inputs)
    #expect(outputs.count == names(prefix: "out.").count)
    for (index, output) in outputs.enumerated() {
      expectMatches(output.value.converted(to: .plain), "out.\(index)")
    }
    let seeds = try outputs.indices.map { Variable(try tensor("in.upstream_\($0)")) }
    let gradients = gradients(
      of: Array(zip(outputs, seeds.map(Optional.some))),
      by: inputs + parameters.map(\.variable))
    for index in inputs.indices {
      let gradient = try #require(gradients[index], "no gradient by input \(index)")
      expectMatches(gradient.value.converted(to: .plain), "grad.in.\(index)")
    }
    for (parameter, gradient) in zip(parameters, gradients.dropFirst(inputs.count)) {
      let name = "grad." + parameter.name.dropFirst(prefix.count)
      // A bias before a normalisation takes no part: its gradient is zero.
      let value = gradient?.value ?? Tensor(repeating: 0, shape: parameter.shape)
      expectMatches(value, name)
    }
  }
}
