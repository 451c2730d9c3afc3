import Foundation
import Images
import TestSupport
import Testing

extension CommandTests {
  /// `inpaint export onnx`.
  @Suite struct ExportCommandTests {
    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
    private static let weights = "\(fixtures)/weights/generator.safetensors"

    private func export(_ weights: String, to output: String) throws -> Outcome {
      try Program.run(["export", "onnx", "--weights", weights, "--output", output])
    }

    @Test func theFileIsAModel() throws {
      let folder = try TemporaryFolder()
      let outcome = try export(Self.weights, to: folder["generator.onnx"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("model.block released"))
      let model = try #require(ProtobufFields(Array(try folder.bytes("generator.onnx"))))
      let inputs = model.messages(7).first?.messages(11).flatMap { $0.texts(1) }
      #expect(inputs == ["image", "mask"])
      // The file depends on nothing but the weights.
      #expect(try export(Self.weights, to: folder["again.onnx"]).status == 0)
      #expect(try folder.bytes("again.onnx") == folder.bytes("generator.onnx"))
    }

    @Test func badFilesAreRefused() throws {
      let folder = try TemporaryFolder()
      try export("\(Self.fixtures)/weights/hostile.zip.pth", to: folder["a.onnx"])
        .expectRefusal(65, mentions: ["hostile.zip.pth"])
      try export("\(Self.fixtures)/dmfn/discriminator.safetensors", to: folder["a.onnx"])
        .expectRefusal(65, mentions: ["discriminator.safetensors", "encoder.0.conv.weight"])
      try export(Self.weights, to: folder["absent/a.onnx"])
        .expectRefusal(65, mentions: [folder["absent/a.onnx"], "--output"])
      #expect(folder.contents.isEmpty)
      try folder.copy(Self.weights, to: "generator.safetensors")
      let before = folder.contents
      try export(folder["generator.safetensors"], to: folder["./generator.safetensors"])
        .expectRefusal(64, mentions: ["generator.safetensors", "written over"])
      #expect(folder.contents == before)
    }

    /// ONNX Runtime fills the same pictures as `inpaint fill` within one grey level.
    @Test(
      .enabled(
        if: Python.has("onnx", "onnxruntime", "numpy"),
        "ONNX Runtime is not there: pip install onnx onnxruntime, and set INPAINT_PYTHON"),
      arguments: ["released", "plain", "paper", "attention", "torch", "tf"])
    func onnxRuntimeGivesTheSamePicture(kind: String) throws {
      let folder = try TemporaryFolder()
      let (weights, options) = try weightsAndOptions(kind, in: folder)
      let exported = try Program.run(
        ["export", "onnx", "--weights", weights, "--output", folder["generator.onnx"]] + options)
      #expect(exported.status == 0, exported.report)
      for (width, height) in [(64, 48), (53, 45), (32, 97)] {
        let name = "\(width)x\(height)"
        try writePicture(name, width: width, height: height, in: folder)
        let filled = try Program.run(
          [
            "fill", "--weights", weights, "--image", folder["\(name).png"], "--mask",
            folder["\(name).mask.png"], "--output", folder["\(name).filled.png"],
          ] + options)
        #expect(filled.status == 0, filled.report)
        let outcome = try Python.run(
          Self.program, [folder["generator.onnx"], folder[name], "\(width)", "\(height)"])
        try #require(outcome.status == 0, outcome.report)
        let expected = try Image(contentsOf: folder["\(name).filled.png"])
        let original = try Image(contentsOf: folder["\(name).png"])
        let found = Array(try folder.bytes("\(name).onnx.rgb"))
        try #require(found.count == expected.pixels.count)
        let differences = zip(found, expected.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 255 <= 1, "\(name)")
        #expect(zip(found, original.pixels).count { $0 != $1 } > 500, "\(name) was filled")
      }
    }

    /// A picture, its hole, which touches two edges, and the same as raw bytes for Python.
    private func writePicture(
      _ name: String, width: Int, height: Int, in folder: TemporaryFolder
    ) throws {
      let pixels = (0..<width * height * 3).map { index -> UInt8 in
        let (row, column, channel) = (index / 3 / width, index / 3 % width, index % 3)
        return UInt8((row * 3 + column * (channel + 1) * 2 + row * column / 9) % 256)
      }
      let hole = (0..<width * height).map { index -> UInt8 in
        let (row, column) = (index / width, index % width)
        return row > height / 2 && column > width / 2 || row == 3 ? 255 : 0
      }
      try Image(width: width, height: height, pixels: pixels).write(to: folder["\(name).png"])
      try Image(width: width, height: height, channels: 1, pixels: hole)
        .write(to: folder["\(name).mask.png"])
      try folder.write(pixels, to: "\(name).rgb")
      try folder.write(hole, to: "\(name).hole")
    }

    /// A file of a kind of generator, and how it is to be read.
    private func weightsAndOptions(
      _ kind: String, in folder: TemporaryFolder
    ) throws -> (weights: String, options: [String]) {
      switch kind {
      case "released": return (Self.weights, [])
      case "plain": return (Self.weights, ["--blend", "none"])
      case "torch", "tf":
        return ("\(Self.fixtures)/deepfill/gen_00000001.pt", ["--compat", kind])
      default:
        try writePaperWeights(
          from: "\(Self.fixtures)/dmfn/generator_paper.safetensors",
          to: folder["paper.safetensors"],
          metadata: kind == "attention" ? ["model.attention": "true"] : [:])
        return (folder["paper.safetensors"], [])
      }
    }

    private static let program = """
      import sys, numpy, onnx, onnxruntime
      model, name, width, height = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
      onnx.checker.check_model(model, full_check=True)
      image = numpy.fromfile(name + ".rgb", "uint8").reshape(1, height, width, 3)
      image = image.transpose(0, 3, 1, 2).astype("float32") / 127.5 - 1
      hole = (numpy.fromfile(name + ".hole", "uint8") > 0).astype("float32")
      hole = hole.reshape(1, 1, height, width)
      session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
      # A batch of two, upside down the second: pictures do not see each other.
      both = {"image": numpy.concatenate([image, image[:, :, ::-1]]),
              "mask": numpy.concatenate([hole, hole[:, :, ::-1]])}
      batch = session.run(None, both)[0]
      alone = session.run(None, {"image": image, "mask": hole})[0]
      assert numpy.abs(batch[:1] - alone).max() < 1e-4
      assert (numpy.where(hole > 0, 0, alone - image) == 0).all()
      filled = numpy.clip(numpy.rint((alone + 1) * 127.5), 0, 255).astype("uint8")
      filled[0].transpose(1, 2, 0).tofile(name + ".onnx.rgb")
      """
  }
}
