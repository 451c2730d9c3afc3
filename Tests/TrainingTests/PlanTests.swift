import Foundation
import Images
import Testing
import Training

extension CommandTests {
  /// `inpaint plan`, and `inpaint train --dry-run`.
  @Suite struct PlanTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Bytes behind a word, such as `memory: 12.5 MiB`.
    private func bytes(_ pattern: String, in text: String) throws -> Double {
      let match = try #require(
        text.firstMatch(of: try Regex(pattern + #" ([0-9.]+) (MiB|GiB)"#)), "\(text)")
      let number = try #require(match.output[1].substring.flatMap { Double($0) })
      return number * (match.output[2].substring == "GiB" ? 1_073_741_824 : 1_048_576)
    }

    /// Photographs of which the network would see the middle only.
    @Test func aForgottenCropIsTold() throws {
      let picture = "\(try SmallRun.faces)/img_align_celeba/000001.jpg"
      try FileManager.default.createDirectory(
        atPath: folder["photos"], withIntermediateDirectories: true)
      for number in 0..<30 { try folder.copy(picture, to: "photos/\(number).jpg") }
      func plan(_ crop: Int) throws -> String {
        let outcome = try Program.run([
          "plan", try SmallRun.configuration, "--set", "data.root=\(folder["photos"])", "--set",
          "data.crop=\(crop)",
        ])
        #expect(outcome.status == 0, outcome.report)
        return outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
      #expect(try plan(20).contains("the network sees the middle 20 pixels"))
      #expect(try plan(400).contains("the largest square is cut out"))
      #expect(try !plan(0).contains("largest square"))
    }

    @Test func tellsWhatTheRunWouldBe() throws {
      let outcome = try Program.run([
        "plan", try SmallRun.configuration, "--run", folder["run"], "--sheet", folder["sheet.png"],
        "--parameters",
      ])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.report)
      #expect(!FileManager.default.fileExists(atPath: folder["run"]))
      for text in [
        "  model.width: 4\n", "training pictures: 48, each seen 4.0 times",
        "held out: 6, of which 3",
        "  24 steps: ", "ranks: 1, 2, 4 compute the same", "    encoder.0.conv.weight [4, 4, 5, 5]",
        "sizes of some: 64x64", "generator: ",
      ] {
        #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
      }
      let sheet = try Image(contentsOf: folder["sheet.png"])
      #expect(sheet.width > 8 * 64 && sheet.height > 6 * 64)
      // What the checkpoints of a run take in fact.
      let planned = try bytes("checkpoints:", in: outcome.output)
      let checkpoint = "\(try SmallRun.referenceRun)/checkpoints/step-00000024"
      let real = try FileManager.default.contentsOfDirectory(atPath: checkpoint)
        .reduce(0.0) { sum, name in
          let attributes = try FileManager.default.attributesOfItem(atPath: "\(checkpoint)/\(name)")
          return sum + ((attributes[.size] as? NSNumber)?.doubleValue ?? 0)
        }
      #expect(abs(planned - real) < 0.06 * 1_048_576 + 0.02 * real, "\(planned), \(real)")
      let lines = outcome.output.split(separator: "\n")
      #expect(
        lines.allSatisfy { $0.count <= 100 || $0.contains("/") },
        "\(lines.filter { $0.count > 100 })")
    }

    @Test func tellsWhatLooksWrong() throws {
      let outcome = try Program.run(
        ["plan", try SmallRun.configuration]
          + [
            "training.batch=64", "training.steps=2000", "optimizer.warmup=3000",
            "validation.count=100", "checkpoint.every=5000", "validation.patience=3",
            "perceptual.weights=",
          ].flatMap { ["--set", $0] })
      #expect(outcome.status == 0, outcome.report)
      for text in [
        "a step takes 64 pictures, and there are 48", "each picture is seen 2666 times",
        "optimizer.warmup is 3000", "validation.count is 100, and 6 pictures are held out",
        "checkpoint.every is 5000", "checkpoint.keep_best keeps no checkpoint",
        "perceptual.weights is empty",
      ] {
        #expect(outcome.output.contains(text), "\(text)\n\(outcome.output)")
      }
    }

    @Test func ranksMeasureTogether() throws {
      let outcome = try SmallRun.train(
        folder["run"], ["--dry-run", "--set", "adversarial.r1=0.1"], launcher: .ranks(2))
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("with 2 ranks of "), outcome.report)
      #expect(outcome.output.components(separatedBy: "networks:").count == 2, outcome.report)
      #expect(!FileManager.default.fileExists(atPath: folder["run"]))
      try SmallRun.train(
        folder["run"], ["--dry-run", "--set", "data.root=absent"], launcher: .ranks(2)
      )
      .expectRefusal(65, mentions: ["absent"])
    }
  }
}
