import Datasets
import Foundation
import Images
import Metrics
import Testing

extension CommandTests {
  /// `inpaint evaluate` on synthetic faces.
  @Suite struct EvaluateCommandTests {
    private static let fixtures = (0..<2)
      .reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
      .appendingPathComponent("Fixtures").path
    private static let weights = "\(fixtures)/weights/generator.safetensors"

    private func evaluate(
      _ arguments: [String], launcher: Launcher = .alone
    ) throws -> Outcome {
      try Program.run(
        ["evaluate", "--data", SmallRun.faces, "--crop", "0", "--side", "32"] + arguments,
        launcher: launcher)
    }

    private func objects(_ json: String) throws -> [[String: Any]] {
      let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
      return try #require(object?["results"] as? [[String: Any]])
    }

    /// Scores, tables and sheets have the same bytes on 1, 2 and 3 ranks.
    @Test func anyNumberOfRanksGivesTheSame() throws {
      let folder = try TemporaryFolder()
      let arguments = [
        "--weights", Self.weights, "--method", "dmfn", "--method", "patchmatch", "--method",
        "telea",
        "--method", "mean", "--mask", "random", "--mask", "mouth", "--split", "all", "--count",
        "19",
      ]
      var contents: [[String: Data]] = []
      var printed: [String] = []
      for (name, launcher) in [("1", Launcher.alone), ("2", .ranks(2)), ("3", .ranks(3))] {
        let outcome = try evaluate(arguments + ["--output", folder[name]], launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        printed.append(outcome.output)
        contents.append(
          try folder.names(in: name).reduce(into: [:]) {
            $0[$1] = try folder.bytes("\(name)/\($1)")
          })
      }
      #expect(printed[1] == printed[0] && printed[2] == printed[0])
      #expect(contents[1] == contents[0] && contents[2] == contents[0])
      #expect(contents[0].count == 2 + 2 * (4 * 2 + 1))
      let sheet = try Image(contentsOf: folder["1/comparison-mouth.png"])
      #expect(sheet.height > 6 * 32 && sheet.width > 8 * 32)
      let rows = try folder.text("1/scores.csv").split(separator: "\n")
      #expect(rows.count == 1 + 19 * 2 * 4)
      #expect(printed[0].contains("mask mouth"), "\(printed[0])")
    }

    /// Where nothing is known, nothing of the original may be scored as a result.
    @Test func noMethodSeesWhatIsHidden() throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["masks"], withIntermediateDirectories: false)
      try Image(width: 8, height: 8, channels: 1, filledWith: 255).write(to: folder["masks/a.png"])
      let arguments = [
        "--method", "telea", "--method", "mean", "--method", "patchmatch", "--mask",
        folder["masks"], "--split", "all", "--count", "2", "--json", "--output", folder["out"],
      ]
      let outcome = try evaluate(arguments)
      #expect(outcome.status == 0, outcome.report)
      for result in try objects(outcome.output) {
        let error = try #require(result["l1_hole_percent"] as? Double)
        #expect(error > 5, "\(result["method"] ?? "")")
      }
      // Another evaluation's folder is not mixed with this one.
      try evaluate(arguments).expectRefusal(
        64, mentions: [folder["out"], "holds other files", "--output"])
    }

    @Test func damagedPicturesAreNamedOrLeftOut() throws {
      let folder = try TemporaryFolder()
      for number in 0..<3 {
        try Image(width: 32, height: 32, filledWith: UInt8(60 * number))
          .write(to: folder["\(number).png"])
      }
      try folder.write("no picture", to: "1.png")
      let arguments = [
        "evaluate", "--data", folder.path, "--split", "all", "--crop", "0", "--side", "32",
        "--method", "mean", "--json",
      ]
      try Program.run(arguments).expectRefusal(65, mentions: ["1.png", "--damaged skip"])
      let outcome = try Program.run(arguments + ["--damaged", "skip"])
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.contains("1 of them left out"), outcome.report)
    }

    /// The means are those of the pictures that `fill` would make.
    @Test func meansAreThoseOfTheCompositePictures() throws {
      let folder = try TemporaryFolder()
      let outcome = try evaluate([
        "--method", "mean", "--method", "telea", "--split", "all", "--count", "5", "--json",
        "--output", folder["out"],
      ])
      #expect(outcome.status == 0, outcome.report)
      let results = try objects(outcome.output)
      #expect(results.map { $0["method"] as? String } == ["mean", "telea"])
      let csv = try folder.text("out/scores.csv").split(separator: "\n").dropFirst()
      for result in results {
        let method = try #require(result["method"] as? String)
        let rows = csv.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
          .filter { $0[3] == method }
        #expect(rows.count == 5)
        #expect(rows.allSatisfy { $0[4] == "25.0" })
        for (column, key) in [
          (6, "l1_hole_percent"), (7, "l1_percent"), (8, "l2_percent"), (9, "psnr"), (10, "ssim"),
          (11, "total_variation_percent"),
        ] {
          let mean = rows.reduce(0.0) { $0 + (Double($1[column]) ?? .nan) } / 5
          #expect(abs(mean - (result[key] as? Double ?? .nan)) < 1e-9, "\(key)")
        }
        let sizes = try #require(result["by_hole_size"] as? [[String: Any]])
        #expect(sizes.count == 1 && sizes[0]["from_percent"] as? Int == 20)
        let parts = try #require(result["by_face_part"] as? [[String: Any]])
        #expect(parts.contains { $0["part"] as? String == "nose" && $0["count"] as? Int == 5 })
      }
      // The first picture, computed here.
      let face = try Image(contentsOf: "\(SmallRun.faces)/img_align_celeba/000001.jpg")
        .resized(width: 32, height: 32)
      let hole = HoleMask(width: 32, height: 32) { (8..<24).contains($0) && (8..<24).contains($1) }
      var (sums, known) = ([0, 0, 0], 0)
      for pixel in hole.values.indices where hole.values[pixel] == 0 {
        for channel in 0..<3 { sums[channel] += Int(face.pixels[pixel * 3 + channel]) }
        known += 1
      }
      var (filled, absolute) = (face, 0)
      for pixel in hole.values.indices where hole.values[pixel] == 1 {
        for channel in 0..<3 {
          filled.pixels[pixel * 3 + channel] = UInt8((sums[channel] + known / 2) / known)
          absolute += abs(
            Int(filled.pixels[pixel * 3 + channel]) - Int(face.pixels[pixel * 3 + channel]))
        }
      }
      let first = try #require(csv.first { $0.hasPrefix("0,") && $0.contains(",mean,") })
        .split(separator: ",", omittingEmptySubsequences: false)
      let expected = Double(absolute) / Double(3 * hole.holeArea) / 2.55
      #expect(abs((Double(first[6]) ?? .nan) - expected) < 1e-9)
      #expect(abs((Double(first[10]) ?? .nan) - structuralSimilarity(filled, face)) < 1e-12)
    }

    /// Both ways to join a filling to its surroundings, side by side; the membrane is what `fill` does.
    @Test func bothBlendsAreScored() throws {
      let arguments = ["--weights", Self.weights, "--split", "all", "--count", "3", "--json"]
      let both = try evaluate(arguments + ["--blend", "membrane", "--blend", "none"])
      #expect(both.status == 0, both.report)
      let results = try objects(both.output)
      #expect(results.map { $0["method"] as? String } == ["dmfn, membrane", "dmfn, plain"])
      let scores = results.map { $0["l1_hole_percent"] as? Double ?? .nan }
      #expect(scores[0] != scores[1])
      let one = try objects(try evaluate(arguments).output)
      #expect(one.map { $0["method"] as? String } == ["dmfn"])
      #expect(one[0]["l1_hole_percent"] as? Double == scores[0])
      let refused = try evaluate(arguments + ["--blend", "none", "--blend", "none"])
      #expect(refused.status == 64 && refused.errors.contains("--blend"), refused.report)
    }

    @Test func aPartOfTheFaceIsCoveredByItsOwnMask() throws {
      for part in ["left_eye", "nose", "mouth"] {
        let outcome = try evaluate([
          "--method", "mean", "--mask", part, "--split", "all", "--count", "3", "--json",
        ])
        let parts = try #require(try objects(outcome.output)[0]["by_face_part"] as? [[String: Any]])
        #expect(parts.contains { $0["part"] as? String == part && $0["count"] as? Int == 3 })
        #expect(!parts.contains { $0["part"] as? String == "lower_face" })
      }
    }

    @Test(arguments: [
      (["--method", "photoshop"], 64, "--method photoshop"),
      (["--method", "dmfn"], 64, "--weights"),
      (["--method", "mean", "--method", "mean"], 64, "given twice"),
      (["--mask", "moustache"], 64, "lower_face"),
      (["--split", "tset"], 64, "did you mean \"test\""),
      (["--weights", "absent.safetensors"], 65, "absent.safetensors"),
      (["--weights", weights, "--side", "30"], 64, "multiple of 4"),
      (["--weights", weights, "--method", "mean"], 64, "--method generator"),
      (
        ["--lpips", "alex", "--metric-weights", "no"], 65, "no/alexnet-owt-7be5be79.pth: not there"
      ),
      (
        ["--fid", "--metric-weights", "no"], 65,
        "no/pt_inception-2015-12-05-6726825d.pth: not there"
      ),
      (["--fid", "--count", "1", "--metric-weights", "no"], 65, "pytorch-fid"),
    ])
    func isRefused(_ arguments: [String], status: Int32, mention: String) throws {
      try evaluate(arguments).expectRefusal(status, mentions: [mention])
    }

    @Test func ranksTellOfARefusalOnce() throws {
      try evaluate(["--weights", "absent.safetensors"], launcher: .ranks(2))
        .expectRefusal(65, mentions: ["absent.safetensors"])
    }
  }
}
