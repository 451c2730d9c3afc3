import Checkpoints
import Foundation
import Testing
import Training

extension CommandTests {
  /// What is made of runs afterwards: comparisons, model cards, generators alone.
  @Suite struct AfterwardsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A run of some steps beside the reference, with a running average.
    private func shortRun() throws -> String {
      let outcome = try SmallRun.train(
        folder["short"],
        ["training.ema=0.5", "training.steps=4", "checkpoint.every=2", "validation.every=2"]
          .flatMap { ["--set", $0] })
      #expect(outcome.status == 0, outcome.report)
      return folder["short"]
    }

    @Test func runsAreCompared() throws {
      let outcome = try Program.run([
        "compare", try SmallRun.referenceRun, try shortRun(), "--output", folder["page.html"],
      ])
      #expect(outcome.status == 0, outcome.report)
      let text = try folder.text("page.html")
      let start = try #require(text.range(of: "id=\"facts\">"))
      let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
      let facts = try #require(
        try JSONSerialization.jsonObject(with: Data(text[start.upperBound..<end.lowerBound].utf8))
          as? [String: Any])
      let runs = try #require(facts["runs"] as? [[String: Any]])
      #expect(runs.map { $0["name"] as? String } == ["reference", "short"])
      #expect(runs.map { $0["step"] as? Int } == [24, 4])
      for run in runs {
        #expect((run["samples"] as? [Any])?.count == 1)
        #expect(
          ((run["scores"] as? [String: Any])?["names"] as? [String])?.contains("psnr") == true)
      }
      let differences = try #require(facts["differences"] as? [[String]])
      #expect(differences.contains(["training.ema", "0.0", "0.5"]))
      #expect(differences.contains(["training.steps", "24", "4"]))
      #expect(!differences.contains { $0[0] == "model.width" })
      // One file that needs no other.
      for word in ["src=\"http", "href=", "import "] { #expect(!text.contains(word), "\(word)") }
      let refused = try Program.run(["compare", folder["short"], folder["absent"]])
      #expect(refused.status == 65 && refused.errors.contains("absent/config.yaml"), refused.report)
    }

    @Test func aModelCardIsWritten() throws {
      let run = try shortRun()
      let outcome = try Program.run([
        "model-card", run, "--data-license", "CC0", "--output", folder["card.md"],
      ])
      #expect(outcome.status == 0, outcome.report)
      let card = try folder.text("card.md")
      for text in [
        "trained for 4 of 4 steps", "* Terms of use: CC0\n", "| `training.ema` | `0.5` | `0.0` |",
        "| `checkpoints/step-00000004/generator-ema.safetensors` | the running average",
        "![Held-out pictures](samples/step-00000004.png)", "`\(try hashCheckpoint(run))`",
      ] {
        #expect(card.contains(text), "\(text)\n\(card)")
      }
      // Where the pictures and the run are concerns nobody else.
      #expect(!card.contains(folder.path))
      let refused = try Program.run(["model-card", folder.path])
      #expect(refused.status == 65 && refused.errors.contains("give the folder of a run"))
    }

    @Test func generatorsAreTakenOut() throws {
      let run = try shortRun()
      let newest = "\(run)/checkpoints/step-00000004"
      for (flags, name) in [([String](), "generator-ema"), (["--as-trained"], "generator")] {
        let outcome = try Program.run(
          ["checkpoint", "slim", run, "--output", folder["\(name).safetensors"]] + flags)
        #expect(outcome.status == 0, outcome.report)
        let (slim, whole) = (
          try Safetensors.read(folder["\(name).safetensors"]),
          try Safetensors.read("\(newest)/\(name).safetensors")
        )
        #expect(Set(slim.names) == Set(whole.names))
        for tensor in whole.names {
          #expect(try slim.floats(tensor) == whole.floats(tensor))
        }
      }
      let again = try Program.run([
        "checkpoint", "slim", run, "--output", folder["generator.safetensors"],
      ])
      #expect(again.status == 64 && again.errors.contains("--overwrite"), again.report)
      let filled = try Program.run([
        "fill", "--weights", folder["generator.safetensors"], "--mask", "center",
        "--image", "\(SmallRun.faces)/img_align_celeba/000001.jpg", "--output", folder["f.png"],
      ])
      #expect(filled.status == 0, filled.report)
    }

    @Test func generatorsAreAveraged() throws {
      let run = try shortRun()
      let paths = ["\(run)/checkpoints/step-00000002", "\(run)/checkpoints/step-00000004"]
      let outcome = try Program.run(
        ["checkpoint", "average"] + paths
          + ["--as-trained", "--output", folder["mean.safetensors"]])
      #expect(outcome.status == 0, outcome.report)
      let mean = try Safetensors.read(folder["mean.safetensors"])
      let parts = try paths.map { try Safetensors.read("\($0)/generator.safetensors") }
      for name in mean.names {
        let expected = zip(try parts[0].floats(name), try parts[1].floats(name)).map {
          Float((Double($0) + Double($1)) / 2)
        }
        #expect(try mean.floats(name) == expected)
      }
      #expect(mean.metadata == parts[0].metadata)
      let outcomeOfOthers = try SmallRun.train(
        folder["other"], ["--set", "model.width=8", "--stop-after", "1"])
      #expect(outcomeOfOthers.status == 0)
      let refused = try Program.run([
        "checkpoint", "average", run, folder["other"], "--output", folder["no.safetensors"],
      ])
      #expect(refused.status == 65 && refused.errors.contains("not of the same network"))
      #expect(!FileManager.default.fileExists(atPath: folder["no.safetensors"]))
    }
  }
}
