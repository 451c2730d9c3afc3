import Autodiff
import Kernels
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// DeepFill's networks against PyTorch, in both conventions, on both convolution paths.
@Suite struct DeepFillParityTests {
  private func fixture(_ subject: String, _ convention: DeepFillConvention) throws -> Fixture {
    let name = "\(subject)_\(convention.rawValue)"
    let fixture = try Fixture(name, in: Fixture.directory(of: "deepfill", holding: name))
    #expect(try fixture.settings.string("compat") == convention.rawValue)
    return fixture
  }

  @Test(arguments: DeepFillConvention.allCases)
  func attention(_ convention: DeepFillConvention) throws {
    let fixture = try fixture("attention", convention)
    let (mask, x) = (try fixture.tensor("in.mask"), Variable.leaf(try fixture.tensor("in.0")))
    let output = convention.attention(x, holes: mask)
    fixture.expectMatches(output.value, "out.0")
    let upstream = Variable(try fixture.tensor("in.upstream_0"))
    let gradient = try #require(gradients(of: [(output, upstream)], by: [x])[0])
    fixture.expectMatches(gradient.value, "grad.in.0")
  }

  @Test(arguments: DeepFillConvention.allCases, ModelsParityTests.backends)
  func generator(_ convention: DeepFillConvention, _ backend: ConvolutionBackend) throws {
    let fixture = try fixture("generator", convention)
    let generator = DeepFillGenerator(
      DeepFillGeneratorSettings(
        width: try fixture.settings.integer("width"), convention: convention),
      initializer: Initializer(seed: 0))
    try fixture.load(into: generator)
    let mask = try fixture.tensor("in.mask")
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: generator.parameters) { inputs in
        let coarse = generator.coarse(masked: inputs[0], holes: mask)
        return [coarse, generator.refined(coarse: coarse, masked: inputs[0], holes: mask)]
      }
    }
  }

  @Test(arguments: DeepFillConvention.allCases, ModelsParityTests.backends)
  func critics(_ convention: DeepFillConvention, _ backend: ConvolutionBackend) throws {
    let fixture = try fixture("critics", convention)
    let critics = DeepFillCritics(
      side: try fixture.tensor("in.1").shape[2], boxSide: try fixture.tensor("in.0").shape[2],
      convention: convention, width: try fixture.settings.integer("width"),
      initializer: Initializer(seed: 0))
    try fixture.load(into: critics)
    try ConvolutionBackend.$current.withValue(backend) {
      try fixture.check(parameters: critics.parameters) { inputs in
        [critics.local(inputs[0]), critics.global(inputs[1])]
      }
    }
  }
}
