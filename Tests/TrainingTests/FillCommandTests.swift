import Checkpoints
import Foundation
import Images
import TestSupport
import Testing

extension CommandTests {
  /// `inpaint fill` beside pictures that PyTorch has filled with the same weights.
  @Suite struct FillCommandTests {
    static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
    private static let pictures = "\(fixtures)/fill"
    private static let weights = "\(fixtures)/weights/generator.safetensors"

    private func fill(
      weights: String = Self.weights, image: String, mask: String, output: String,
      _ options: [String] = []
    ) throws -> Outcome {
      try Program.run(
        [
          "fill", "--weights", weights, "--image", image, "--mask", mask, "--output", output,
        ] + options)
    }

    /// A file with the weights of a generator of one kind.
    private func weights(_ kind: String, in folder: TemporaryFolder) throws -> String {
      guard kind == "paper" else { return Self.weights }
      try writePaperWeights(
        from: "\(Self.fixtures)/dmfn/generator_paper.safetensors", to: folder["paper.safetensors"])
      return folder["paper.safetensors"]
    }

    /// The side lengths of "odd" are no multiples of 4.
    @Test(arguments: ["even", "odd"], ["released", "paper"])
    func equalsTheReference(name: String, kind: String) throws {
      let folder = try TemporaryFolder()
      let outcome = try fill(
        weights: weights(kind, in: folder), image: "\(Self.pictures)/\(name).png",
        mask: "\(Self.pictures)/\(name).mask.png", output: folder["filled.png"],
        ["--blend", "none"])
      #expect(outcome.status == 0, outcome.report)
      let original = try Image(contentsOf: "\(Self.pictures)/\(name).png")
      let expected = try Image(contentsOf: "\(Self.pictures)/\(name).\(kind).png")
      let mask = try Image(contentsOf: "\(Self.pictures)/\(name).mask.png", channels: .grey)
      let filled = try Image(contentsOf: folder["filled.png"])
      try #require(filled.width == original.width && filled.height == original.height)
      var changedInside = 0
      for index in filled.pixels.indices {
        let value = filled.pixels[index]
        if mask.pixels[index / 3] == 0 {
          try #require(value == original.pixels[index], "known value \(index)")
        } else {
          let difference = abs(Int(value) - Int(expected.pixels[index]))
          try #require(difference <= 1, "value \(index): \(value), not \(expected.pixels[index])")
          if value != original.pixels[index] { changedInside += 1 }
        }
      }
      #expect(changedInside > 500)
    }

    /// In bfloat16 known pixels are untouched too, and fillings are near those of float32.
    @Test func bfloat16FillsNearlyTheSame() throws {
      let folder = try TemporaryFolder()
      let outcome = try fill(
        image: "\(Self.pictures)/even.png", mask: "\(Self.pictures)/even.mask.png",
        output: folder["filled.png"], ["--blend", "none", "--precision", "bf16"])
      #expect(outcome.status == 0, outcome.report)
      let original = try Image(contentsOf: "\(Self.pictures)/even.png")
      let expected = try Image(contentsOf: "\(Self.pictures)/even.released.png")
      let mask = try Image(contentsOf: "\(Self.pictures)/even.mask.png", channels: .grey)
      let filled = try Image(contentsOf: folder["filled.png"])
      var differences: [Int] = []
      for (index, value) in filled.pixels.enumerated() {
        if mask.pixels[index / 3] == 0 {
          try #require(value == original.pixels[index], "known value \(index)")
        } else {
          differences.append(abs(Int(value) - Int(expected.pixels[index])))
        }
      }
      let mean = Double(differences.reduce(0, +)) / Double(differences.count)
      #expect(mean > 0 && mean < 2.5, "\(mean) grey levels")
      let refused = try fill(
        image: "\(Self.pictures)/even.png", mask: "center", output: folder["other.png"],
        ["--precision", "fp16"])
      #expect(refused.status == 64 && refused.errors.contains("fp32"), refused.report)
    }

    /// With the membrane a network that paints anything at all leaves no step at the border of a hole,
    /// also of one at the picture's edge, and known pixels are untouched.
    @Test func theMembraneHidesTheBorder() throws {
      let folder = try TemporaryFolder()
      let (width, height) = (53, 45)
      let picture = Image(
        width: width, height: height,
        pixels: (0..<width * height).flatMap { index -> [UInt8] in
          let (row, column) = (index / width, index % width)
          return [UInt8(60 + row), UInt8(100 + column), 90]
        })
      let hole = HoleMask(width: width, height: height) { row, column in
        (12..<30).contains(row) && (column > 30 || (5..<20).contains(column))
      }
      try picture.write(to: folder["picture.png"])
      try hole.image.write(to: folder["hole.png"])
      var steps: [String: Double] = [:]
      for blend in ["membrane", "none"] {
        let outcome = try fill(
          image: folder["picture.png"], mask: folder["hole.png"], output: folder["\(blend).png"],
          ["--blend", blend])
        #expect(outcome.status == 0, outcome.report)
        let filled = try Image(contentsOf: folder["\(blend).png"])
        var (sum, count) = (0, 0)
        for pixel in hole.values.indices {
          if hole.values[pixel] == 0 {
            let values = 3 * pixel..<3 * pixel + 3
            #expect(filled.pixels[values] == picture.pixels[values])
          }
          guard pixel % width + 1 < width, hole.values[pixel] != hole.values[pixel + 1] else {
            continue
          }
          for channel in 0..<3 {
            sum += abs(
              Int(filled.pixels[3 * pixel + channel]) - Int(filled.pixels[3 * pixel + 3 + channel]))
            count += 1
          }
        }
        steps[blend] = Double(sum) / Double(count)
      }
      let (membrane, none) = (steps["membrane"] ?? .nan, steps["none"] ?? .nan)
      #expect(membrane < 0.6 * none, "\(steps)")
      let refused = try fill(
        image: folder["picture.png"], mask: folder["hole.png"], output: folder["a.png"],
        ["--blend", "poisson"])
      #expect(refused.status == 64, refused.report)
      for word in ["--blend", "membrane", "none"] { #expect(refused.errors.contains(word)) }
    }

    @Test(arguments: ["generator.zip.pth", "generator.legacy.pth"])
    func pyTorchFilesGiveTheSamePicture(file: String) throws {
      let folder = try TemporaryFolder()
      let pictures = Self.pictures
      for (weights, output) in [
        (Self.weights, "a.png"), ("\(Self.fixtures)/weights/\(file)", "b.png"),
      ] {
        let outcome = try fill(
          weights: weights, image: "\(pictures)/even.png", mask: "\(pictures)/even.mask.png",
          output: folder[output])
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try folder.bytes("a.png") == folder.bytes("b.png"))
    }

    @Test func aFolderIsFilledToAFolder() throws {
      let folder = try TemporaryFolder()
      for part in ["pictures", "masks"] {
        try FileManager.default.createDirectory(
          atPath: folder[part], withIntermediateDirectories: false)
      }
      for name in ["even", "odd"] {
        try folder.copy("\(Self.pictures)/\(name).png", to: "pictures/\(name).png")
        try folder.copy("\(Self.pictures)/\(name).mask.png", to: "masks/\(name).png")
        let single = try fill(
          image: folder["pictures/\(name).png"], mask: folder["masks/\(name).png"],
          output: folder["\(name).png"])
        #expect(single.status == 0, single.report)
      }
      try folder.write("no picture", to: "pictures/notes.txt")
      let outcome = try fill(
        image: folder["pictures"], mask: folder["masks"], output: folder["filled/here"])
      #expect(outcome.status == 0, outcome.report)
      #expect(try folder.names(in: "filled/here") == ["even.png", "odd.png"])
      for name in ["even.png", "odd.png"] {
        #expect(try folder.bytes("filled/here/\(name)") == folder.bytes(name))
      }
    }

    /// A file whose name no text can be is left out with a word, and the others are filled.
    @Test func namesThatAreNotTextAreLeftOut() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["photos"], withIntermediateDirectories: false)
      let picture = Image(width: 24, height: 20, channels: 3, filledWith: 90)
      try picture.write(to: folder["photos/b.png"])
      let bytes = try imageFileContents(folder["photos/b.png"])
      let name = Array(folder["photos/a"].utf8) + [0xFF] + Array(".png".utf8) + [0]
      let file = name.withUnsafeBytes { fopen($0.bindMemory(to: CChar.self).baseAddress, "w") }
      let opened = try #require(file)
      fwrite(bytes, 1, bytes.count, opened)
      fclose(opened)
      let outcome = try Program.run([
        "fill", "--weights", Self.weights, "--image", folder["photos"], "--mask", "center",
        "--output",
        folder["filled"],
      ])
      #expect(outcome.status == 0, outcome.report)
      #expect(
        (outcome.output + outcome.errors).contains("name that is not UTF-8: 1"), outcome.report)
      #expect(try folder.names(in: "filled") == ["b.png"])
    }

    /// The generator of a checkpoint fills a face with the hole in the middle.
    @Test func aCheckpointFillsACentredHole() throws {
      let folder = try TemporaryFolder()
      let run = try SmallRun.referenceRun
      let face = try "\(SmallRun.faces)/img_align_celeba/000060.jpg"
      let outcome = try fill(
        weights: "\(run)/checkpoints/step-00000024/generator.safetensors", image: face,
        mask: "center", output: folder["filled.png"])
      #expect(outcome.status == 0, outcome.report)
      let filled = try Image(contentsOf: folder["filled.png"]).pixels
      let original = try Image(contentsOf: face).pixels
      let changed = (0..<64 * 64).filter { (pixel: Int) -> Bool in
        let values = pixel * 3..<pixel * 3 + 3
        return filled[values] != original[values]
      }
      let isCentred = changed.allSatisfy { (pixel: Int) -> Bool in
        (16..<48).contains(pixel / 64) && (16..<48).contains(pixel % 64)
      }
      #expect(isCentred)
      #expect(changed.count > 900)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
      let testDescription: String
      var weights: String?
      var image = "even.png"
      var mask = "even.mask.png"
      let mentions: [String]
    }

    @Test(arguments: [
      Fault(
        testDescription: "mask of another size", mask: "odd.mask.png",
        mentions: ["odd.mask.png", "54x45", "64x48"]),
      Fault(testDescription: "no mask", mask: "absent.png", mentions: ["absent.png", "--mask"]),
      Fault(
        testDescription: "no picture", image: "absent.png", mentions: ["absent.png", "--image"]),
      Fault(
        testDescription: "no picture but a text", image: "README.txt",
        mentions: ["README.txt", "neither a PNG nor a JPEG"]),
      Fault(
        testDescription: "no weights", weights: "absent.safetensors",
        mentions: ["absent.safetensors", "--weights"]),
      Fault(
        testDescription: "a picture for weights", weights: "fill/even.png",
        mentions: ["even.png", "safetensors"]),
      Fault(
        testDescription: "another network's weights", weights: "dmfn/discriminator.safetensors",
        mentions: ["discriminator.safetensors", "encoder.0.conv.weight"]),
      Fault(
        testDescription: "a program for weights", weights: "weights/hostile.zip.pth",
        mentions: ["hostile.zip.pth"]),
    ])
    func isRefused(_ fault: Fault) throws {
      let folder = try TemporaryFolder()
      let outcome = try fill(
        weights: fault.weights.map { "\(Self.fixtures)/\($0)" } ?? Self.weights,
        image: "\(Self.pictures)/\(fault.image)", mask: "\(Self.pictures)/\(fault.mask)",
        output: folder["filled.png"])
      outcome.expectRefusal(65, mentions: fault.mentions)
      #expect(folder.contents.isEmpty)
    }

    /// A generator beside other networks, under words of its own, fills as it does alone.
    @Test(arguments: ["prefixed.pth", "prefixed-twice.pth", "several-prefixes.pth"])
    func aGeneratorBesideOthersFills(file: String) throws {
      let folder = try TemporaryFolder()
      let several = file.hasPrefix("several")
      for (name, arguments) in [
        ("alone.png", ["--weights", Self.weights]),
        (
          "beside.png",
          ["--weights", "\(Self.fixtures)/weights/\(file)"] + (several ? ["--entry", "g_b"] : [])
        ),
      ] {
        let outcome = try Program.run(
          ["fill"] + arguments + [
            "--image", "\(Self.pictures)/even.png", "--mask", "center", "--output", folder[name],
          ])
        #expect(outcome.status == 0, outcome.report)
      }
      #expect(try folder.bytes("alone.png") == folder.bytes("beside.png"))
      guard several else { return }
      try fill(
        weights: "\(Self.fixtures)/weights/\(file)", image: "\(Self.pictures)/even.png",
        mask: "center", output: folder["c.png"]
      ).expectRefusal(65, mentions: ["\"g_a\", \"g_b\"", "--entry"])
    }

    @Test(arguments: [("int8.pth", "whole numbers"), ("huge.pth", "beyond a million")])
    func numbersThatAreNoWeightsAreRefused(file: String, reason: String) throws {
      let folder = try TemporaryFolder()
      try fill(
        weights: "\(Self.fixtures)/weights/\(file)", image: "\(Self.pictures)/even.png",
        mask: "center", output: folder["filled.png"]
      ).expectRefusal(65, mentions: [file, reason])
      #expect(folder.contents.isEmpty)
    }

    @Test func weightsThatAreNotFiniteAreRefused() throws {
      let folder = try TemporaryFolder()
      let file = try WeightFile.read(Self.weights)
      let tensors = file.namedTensors.map { tensor in
        guard tensor.name == "encoder.0.conv.bias" else { return tensor }
        let values = Array(repeating: Float.nan, count: tensor.shape.reduce(1, *))
        return NamedTensor(name: tensor.name, shape: tensor.shape, floats: values)
      }
      try Safetensors.write(tensors, to: folder["bad.safetensors"])
      let before = folder.contents
      let outcome = try fill(
        weights: folder["bad.safetensors"], image: "\(Self.pictures)/even.png", mask: "center",
        output: folder["filled.png"])
      outcome.expectRefusal(65, mentions: ["bad.safetensors: encoder.0.conv.bias holds numbers"])
      #expect(folder.contents == before)
    }

    @Test func anOutputThatCannotBeWrittenIsRefused() throws {
      let folder = try TemporaryFolder()
      try folder.write("a file", to: "file")
      let before = folder.contents
      let outcome = try fill(
        image: "\(Self.pictures)/even.png", mask: "center", output: folder["file/filled.png"])
      outcome.expectRefusal(65, mentions: [folder["file"], "cannot be made", "--output"])
      #expect(folder.contents == before)
    }

    @Test func aFolderWithAMissingMaskIsRefusedBeforeAnythingIsWritten() throws {
      let folder = try TemporaryFolder()
      for part in ["pictures", "masks"] {
        try FileManager.default.createDirectory(
          atPath: folder[part], withIntermediateDirectories: false)
      }
      try folder.copy("\(Self.pictures)/even.png", to: "pictures/even.png")
      try folder.copy("\(Self.pictures)/odd.png", to: "pictures/odd.png")
      try folder.copy("\(Self.pictures)/even.mask.png", to: "masks/even.png")
      let outcome = try fill(
        image: folder["pictures"], mask: folder["masks"], output: folder["filled"])
      outcome.expectRefusal(65, mentions: ["masks/odd.png", "every picture needs a mask"])
      #expect(!folder.contains("filled"))
    }
  }
}
