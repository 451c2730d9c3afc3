import Checkpoints
import Images
import TestSupport
import Testing

extension CommandTests {
  /// `inpaint fill` with generators that look at other places of the picture.
  @Suite struct FillWithAttentionTests {
    private static let fixtures = FillCommandTests.fixtures
    private static let folder = "\(fixtures)/deepfill"
    private static let picture = "\(folder)/picture.png"
    private static let mask = "\(folder)/picture.mask.png"
    private static let portWeights = "\(folder)/gen_00000001.pt"

    private func fill(
      _ weights: String, to output: String, _ options: [String] = []
    ) throws -> Outcome {
      try Program.run(
        [
          "fill", "--weights", weights, "--image", Self.picture, "--mask", Self.mask, "--output",
          output,
        ] + options)
    }

    /// The port's own file, and the same weights with TensorFlow's names; sides no multiples of 8.
    @Test(
      arguments: ["gen_00000001.pt", "tensorflow_names.safetensors"], ["torch", "tf"])
    func equalsTheReference(file: String, compat: String) throws {
      let folder = try TemporaryFolder()
      let outcome = try fill(
        "\(Self.folder)/\(file)", to: folder["filled.png"],
        ["--compat", compat, "--blend", "none"])
      #expect(outcome.status == 0, outcome.report)
      let filled = try Image(contentsOf: folder["filled.png"]).pixels
      let expected = try Image(contentsOf: "\(Self.folder)/picture.\(compat).png").pixels
      try #require(filled.count == expected.count)
      #expect(zip(filled, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    /// Without --compat the names tell, or what the file says.
    @Test func filesTellTheirConvention() throws {
      let folder = try TemporaryFolder()
      let contents = try WeightFile.read(Self.portWeights)
      try Safetensors.write(
        contents.namedTensors, metadata: ["model.compat": "tf"], to: folder["tf.safetensors"])
      for (number, (file, compat)) in [
        (Self.portWeights, "torch"), ("\(Self.folder)/tensorflow_names.safetensors", "tf"),
        (folder["tf.safetensors"], "tf"),
      ].enumerated() {
        let (told, said) = ("told-\(number).png", "said-\(number).png")
        #expect(try fill(file, to: folder[told]).status == 0)
        #expect(try fill(file, to: folder[said], ["--compat", compat]).status == 0)
        #expect(try folder.bytes(told) == folder.bytes(said))
      }
    }

    @Test(arguments: ["whole", "hole"])
    func attentionIsDrawn(region: String) throws {
      let folder = try TemporaryFolder()
      let outcome = try fill(
        Self.portWeights, to: folder["filled.png"],
        ["--attention", folder["maps/map.png"], "--region", region])
      #expect(outcome.status == 0, outcome.report)
      let map = try Image(contentsOf: folder["maps/map.png"])
      let mask = try Image(contentsOf: Self.mask, channels: .grey)
      try #require(map.width == mask.width && map.height == mask.height)
      var coloured = 0
      for pixel in mask.pixels.indices {
        let isWhite = map.pixels[pixel * 3..<pixel * 3 + 3].allSatisfy { $0 == 255 }
        if mask.pixels[pixel] == 0 { try #require(isWhite) } else if !isWhite { coloured += 1 }
      }
      // A place in the hole cannot look at itself.
      #expect(coloured > mask.pixels.count { $0 != 0 } / 2)
    }

    @Test func dmfnFilesMayAskForAttention() throws {
      let folder = try TemporaryFolder()
      let fixture = "\(Self.fixtures)/dmfn/generator_paper.safetensors"
      try writePaperWeights(from: fixture, to: folder["plain.safetensors"])
      try writePaperWeights(
        from: fixture, to: folder["attention.safetensors"], metadata: ["model.attention": "true"])
      #expect(try fill(folder["plain.safetensors"], to: folder["plain.png"]).status == 0)
      let outcome = try fill(
        folder["attention.safetensors"], to: folder["filled.png"],
        ["--attention", folder["map.png"]])
      #expect(outcome.status == 0, outcome.report)
      #expect(try folder.bytes("filled.png") != folder.bytes("plain.png"))
      #expect(folder.contains("map.png"))
    }

    @Test func whatCannotBeIsRefused() throws {
      let folder = try TemporaryFolder()
      let dmfn = "\(Self.fixtures)/weights/generator.safetensors"
      try fill(dmfn, to: folder["a.png"], ["--attention", folder["map.png"]])
        .expectRefusal(64, mentions: ["--attention", "generator.safetensors", "no attention"])
      try fill(dmfn, to: folder["a.png"], ["--compat", "tf"])
        .expectRefusal(64, mentions: ["--compat tf", "dmfn"])
      try fill(Self.portWeights, to: folder["a.png"], ["--compat", "keras"])
        .expectRefusal(64, mentions: ["--compat keras", "torch and tf"])
      try fill(Self.portWeights, to: folder["a.png"], ["--attention", folder["map.gif"]])
        .expectRefusal(64, mentions: ["map.gif", ".png"])
      try fill(Self.portWeights, to: folder["a.png"], ["--attention", folder["a.png"]])
        .expectRefusal(65, mentions: ["a.png", "--attention"])
      try fill(Self.portWeights, to: folder["a.png"], ["--attention", Self.picture])
        .expectRefusal(64, mentions: ["picture.png", "written over"])
      #expect(folder.contents.isEmpty)
    }

    /// `inpaint evaluate` names a generator after its kind, and refuses another kind.
    @Test func kindsAreEvaluated() throws {
      let arguments = [
        "evaluate", "--data", try SmallRun.faces, "--crop", "0", "--side", "32", "--count", "2",
        "--split", "all", "--weights", Self.portWeights,
      ]
      let outcome = try Program.run(arguments + ["--compat", "tf"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("deepfill"), outcome.report)
      try Program.run(arguments + ["--method", "dmfn"])
        .expectRefusal(64, mentions: ["--method dmfn", "gen_00000001.pt", "deepfill"])
      try Program.run(arguments + ["--side", "36"])
        .expectRefusal(64, mentions: ["--side 36", "multiple of 8"])
    }

    /// Every missing, unexpected and misshapen tensor is listed, under the network's names.
    @Test func misfitsAreListed() throws {
      let folder = try TemporaryFolder()
      let file = "\(Self.folder)/tensorflow_names.safetensors"
      let tensors = try WeightFile.read(file).namedTensors
      try Safetensors.write(
        tensors.filter { $0.name != "inpaint_net/xconv3/bias" }
          + [
            NamedTensor(
              name: "inpaint_net/conv99/bias", stored: StoredTensor(floats: [1], shape: [1]))
          ], to: folder["tf.safetensors"])
      try fill(folder["tf.safetensors"], to: folder["a.png"])
        .expectRefusal(
          65,
          mentions: [
            "1 missing, 1 unexpected, 0 misshapen", "missing: fine_generator.conv3.conv.bias",
            "unexpected: inpaint_net/conv99/bias",
          ])
    }
  }
}
