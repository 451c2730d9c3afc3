import Foundation
import Images
import Metrics
import TestSupport
import Testing

extension CommandTests {
  /// `inpaint evaluate` with a generator that makes faces from random vectors.
  @Suite struct EvaluateFacesTests {
    private static let weights =
      "\(Fixture.directory(of: "dcgan", holding: "sample"))/netG_epoch_0.pth"

    private func evaluate(
      _ arguments: [String], launcher: Launcher = .alone
    ) throws -> Outcome {
      try Program.run(
        [
          "evaluate", "--data", SmallRun.faces, "--crop", "0", "--split", "all", "--weights",
          Self.weights,
        ] + arguments, launcher: launcher)
    }

    /// The distance is that of the faces of `inpaint sample`, the same on any number of ranks.
    @Test func facesAreScored() throws {
      let folder = try TemporaryFolder()
      var printed: [String] = []
      for (name, launcher) in [("1", Launcher.alone), ("3", .ranks(3))] {
        let outcome = try evaluate(
          ["--count", "19", "--seed", "5", "--json", "--output", folder[name]], launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
        printed.append(outcome.output)
        #expect(
          try folder.names(in: name) == ["summary.json", "faces.png", "originals.png"])
      }
      #expect(printed[0] == printed[1])
      let scores = try #require(
        try JSONSerialization.jsonObject(with: Data(printed[0].utf8)) as? [String: Any])
      let side = try #require(scores["side"] as? Int)
      let levels = try #require(scores["swd_levels"] as? [[String: Double]])
      let sides = SlicedWassersteinDistance.levelSides(of: side)
      #expect(levels.map { $0["side"] } == sides.map(Double.init))

      let sampled = try Program.run([
        "sample", "--weights", Self.weights, "--count", "19", "--seed", "5", "--output",
        folder["faces"],
      ])
      #expect(sampled.status == 0, sampled.report)
      let faces = try folder.names(in: "faces").sorted().map {
        try Image(contentsOf: folder["faces/\($0)"], channels: .rgb)
      }
      let pictures = try "\(SmallRun.faces)/img_align_celeba"
      let names = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
      let originals = try names.prefix(19).map { name in
        let picture = try Image(contentsOf: "\(pictures)/\(name)", channels: .rgb)
        return picture.centreSquare().resized(width: side, height: side)
      }
      for (level, score) in levels.enumerated() {
        let expected = SlicedWassersteinDistance(seed: 5).distance(
          level: level, originals, faces)
        #expect(abs((score["swd"] ?? 0) - expected) <= 1e-9 * expected, "\(level)")
      }
      let mean = levels.compactMap { $0["swd"] }.reduce(0, +) / Double(levels.count)
      #expect(abs((scores["swd"] as? Double ?? 0) - mean) < 1e-9)
      let table = try evaluate(["--count", "2"])
      #expect(table.output.contains("SWD x1000"), table.report)
    }

    @Test func whatBelongsToHolesIsRefused() throws {
      for (arguments, word) in [
        (["--mask", "center"], "--mask"), (["--method", "mean"], "--method"),
        (["--variants", "2"], "--variants"), (["--side", "48"], "--side 48"),
        (["--count", "1"], "--count"), (["--fid", "--metric-weights", "/nowhere"], "/nowhere"),
      ] {
        let outcome = try evaluate(arguments)
        #expect(outcome.status != 0, outcome.report)
        #expect(outcome.errors.contains(word), outcome.report)
      }
    }
  }
}
