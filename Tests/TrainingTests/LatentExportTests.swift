import Foundation
import GeneratorFiles
import Layers
import Models
import TensorCore
import TestSupport
import Testing

extension CommandTests {
  /// Exported generators with random vectors: ONNX Runtime makes what this program makes.
  @Suite(
    .enabled(
      if: Python.has("onnx", "onnxruntime", "numpy"),
      "ONNX Runtime is not there: pip install onnx onnxruntime, and set INPAINT_PYTHON"))
  struct LatentExportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs a model on raw inputs, of which the test knows the result.
    private func expectSame(
      _ model: [UInt8], _ inputs: [(name: String, tensor: Tensor)], _ expected: Tensor
    ) throws {
      try folder.write(model, to: "model.onnx")
      for (name, tensor) in inputs + [("expected", expected)] {
        try folder.write(tensor.elements.withUnsafeBytes { Array($0) }, to: "\(name).raw")
      }
      let shapes = (inputs + [("expected", expected)]).map { name, tensor in
        ([name] + tensor.shape.dimensions.map { "\($0)" }).joined(separator: " ")
      }
      let outcome = try Python.run(Self.program, [folder["."]] + shapes)
      #expect(outcome.status == 0, outcome.report)
    }

    @Test func facesOfAPublishedFile() throws {
      let path = "\(Fixture.directory(of: "dcgan", holding: "sample"))/netG_epoch_0.pth"
      let exported = try Program.run([
        "export", "onnx", "--weights", path, "--output", folder["file.onnx"],
      ])
      #expect(exported.status == 0, exported.report)
      #expect(exported.output.contains("DCGAN generator (model.kind dcgan, model.width 2"))
      let generator = try readLatentGenerator(path)
      let latents = latentVectors(0..<3, count: 6, seed: 2, purpose: .test)
      try expectSame(
        Array(try folder.bytes("file.onnx")), [("latent", latents)], generator.inferred(latents))
    }

    @Test func fillingsByNoise() throws {
      let generator = Generator(
        GeneratorSettings(width: 4, blocks: 2, noise: 5), initializer: Initializer(seed: 2))
      var random = CounterBasedRandom(seed: 5, purpose: .test)
      for parameter in generator.parameters where parameter.name.hasPrefix("noise.heads") {
        parameter.setElements(parameter.value.elements.map { _ in random.uniform(-0.3, 0.3) })
      }
      let images = Tensor(
        (0..<2 * 3 * 16 * 24).map { _ in random.uniform(-1, 1) }, shape: [2, 3, 16, 24])
      let holes = Tensor(
        (0..<2 * 16 * 24).map { $0 % 24 < 12 ? 1 : 0 }, shape: [2, 1, 16, 24])
      let noise = latentVectors(0..<2, count: 5, seed: 2, purpose: .test)
      try expectSame(
        generator.onnxModel(producerVersion: "1"),
        [("image", images), ("mask", holes), ("noise", noise)],
        generator.fill(images: images, holes: holes, noise: noise).composite)
    }

    private static let program = """
      import sys, numpy, onnx, onnxruntime
      folder, values = sys.argv[1], {}
      for text in sys.argv[2:]:
          name, *shape = text.split()
          values[name] = numpy.fromfile(f"{folder}/{name}.raw", "float32").reshape([int(s) for s in shape])
      expected = values.pop("expected")
      onnx.checker.check_model(folder + "/model.onnx", full_check=True)
      session = onnxruntime.InferenceSession(folder + "/model.onnx", providers=["CPUExecutionProvider"])
      result = session.run(None, values)[0]
      assert result.shape == expected.shape, (result.shape, expected.shape)
      assert numpy.abs(result - expected).max() < 1e-3, numpy.abs(result - expected).max()
      """
  }
}
