import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What the command prints.
  @Suite struct CommandLineTests {
    @Test(arguments: [
      "", "train", "fill", "sample", "evaluate", "synthesize", "checkpoint", "checkpoint verify",
      "checkpoint inspect", "checkpoint hash", "pack", "benchmark", "benchmark step",
      "benchmark reduce", "benchmark data", "benchmark scaling", "benchmark checkpoint", "export",
      "export onnx", "report", "masks", "config", "plan", "compare", "model-card",
      "checkpoint slim",
      "checkpoint average", "status",
    ])
    func helps(with subcommand: String) throws {
      let words = subcommand.split(separator: " ").map(String.init)
      let outcome = try Program.run(words + ["--help"])
      #expect(outcome.status == 0, outcome.report)
      let usage = (["USAGE: inpaint"] + words).joined(separator: " ")
      #expect(outcome.output.contains(usage), outcome.report)
      #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [
      ["paint"], ["train"], ["train", "a.yaml", "--stop-after", "0"],
      ["train", "a.yaml", "--sett"],
      ["fill", "--weights", "a"], ["synthesize", "faces"],
      ["synthesize", "faces", "--count", "many"], ["checkpoint", "hash"],
      ["benchmark", "step", "--steps", "0"], ["export", "onnx", "--weights", "a"], ["report"],
      ["benchmark", "scaling", "--rounds", "0"], ["masks"],
      ["masks", "--preview", "a.png", "--side", "4"],
      ["pack", "faces"], ["pack", "a", "b", "--side", "0"], ["config"],
      ["sample", "--weights", "a"], ["sample", "--weights", "a", "--output", "b", "--count", "0"],
      ["sample", "--weights", "a", "--output", "b", "--count", "1", "--walk", "3"],
      ["config", "a.yaml", "b.yaml"], ["config", "a.yaml", "--diff"],
      ["plan"], ["plan", "a.yaml", "--preset", "quickstart"], ["plan", "--preset", "quikstart"],
      ["train", "a.yaml", "--preset", "quickstart"], ["compare", "runs/a"], ["model-card"],
      ["checkpoint", "average", "a", "--output", "b"], ["checkpoint", "slim", "a"],
      ["config", "--presets", "a.yaml"], ["config", "--list", "--reference"],
      ["config", "--list", "--set", "seed=2"],
    ])
    func refusesAWrongCommandLine(arguments: [String]) throws {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == 64, outcome.report)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errors.components(separatedBy: "Error: ").count == 2, outcome.report)
    }

    /// What a script passes where its variable is not set.
    @Test(arguments: [
      ["fill", "--weights", "a", "--image", "b", "--mask", "center", "--output", ""],
      ["sample", "--output", "", "--weights", "a"],
      ["train", "a.yaml", "--output", ""],
    ])
    func anEmptyArgumentIsRefused(arguments: [String]) throws {
      try Program.run(arguments).expectRefusal(64, mentions: ["empty, behind --output"])
    }

    /// Files of the user's are not replaced unless that is asked for.
    @Test func whatIsThereIsNotReplaced() throws {
      let folder = try TemporaryFolder()
      let fixtures = FillCommandTests.fixtures
      let weights = "\(fixtures)/weights/generator.safetensors"
      let faces = "\(Fixture.directory(of: "dcgan", holding: "sample"))/netG_epoch_0.pth"
      let run = try SmallRun.referenceRun
      let path = folder["mine.png"]
      for arguments in [
        ["export", "onnx", "--weights", weights, "--output", path],
        ["sample", "--weights", faces, "--count", "1", "--output", path],
        ["compare", run, run, "--output", path], ["model-card", run, "--output", path],
        ["masks", "--side", "16", "--preview", path],
      ] {
        try folder.write("mine", to: "mine.png")
        try Program.run(arguments).expectRefusal(64, mentions: ["mine.png", "--overwrite"])
        #expect(try folder.text("mine.png") == "mine")
        let outcome = try Program.run(arguments + ["--overwrite"])
        #expect(outcome.status == 0, outcome.report)
        #expect(try folder.bytes("mine.png") != Data("mine".utf8))
      }
      // Picture k has one name, however many are made.
      let sample = ["sample", "--weights", faces, "--output", folder["faces"], "--count"]
      #expect(try Program.run(sample + ["1"]).status == 0)
      try Program.run(sample + ["12"])
        .expectRefusal(64, mentions: ["faces/00000.png", "--overwrite"])
      #expect(try folder.names(in: "faces") == ["00000.png"])
    }

    /// Weights are named by file, by checkpoint or by run, in which the newest average counts.
    @Test func aRunStandsForItsNewestGenerator() throws {
      let folder = try TemporaryFolder()
      let run = try SmallRun.referenceRun
      let checkpoint = "\(run)/checkpoints/step-00000024"
      let average = "\(checkpoint)/generator-ema.safetensors"
      let file =
        FileManager.default.fileExists(atPath: average)
        ? average : "\(checkpoint)/generator.safetensors"
      for (index, weights) in [file, checkpoint, run].enumerated() {
        let outcome = try Program.run([
          "export", "onnx", "--weights", weights, "--output", folder["\(index).onnx"],
        ])
        #expect(outcome.status == 0, outcome.report)
        #expect(try folder.bytes("\(index).onnx") == folder.bytes("0.onnx"))
      }
      try Program.run(["export", "onnx", "--weights", folder.path, "--output", folder["a.onnx"]])
        .expectRefusal(65, mentions: [folder.path, "generator.safetensors", "run folder"])
    }

    @Test func tellsAboutSettings() throws {
      let folder = try TemporaryFolder()
      let file = folder["whole.yaml"]
      let whole = try Program.run(
        ["config", try SmallRun.configuration, "--set", "training.batch=32"])
      #expect(whole.status == 0 && whole.errors.isEmpty, whole.report)
      try folder.write(whole.output, to: "whole.yaml")
      let again = try Program.run(["config", file])
      #expect(again.output == whole.output && again.output.contains("  batch: 32\n"), again.report)

      let difference = try Program.run(["config", "--diff", file, "--set", "seed=977"])
      #expect(difference.status == 0, difference.report)
      let lines = difference.output.split(separator: "\n")
      #expect(lines.count == 2 && lines[1].hasSuffix("→ 977"), difference.report)

      let unknown = try Program.run(["config", "--explain", "training.bach"])
      #expect(unknown.status == 64 && unknown.output.isEmpty, unknown.report)
      #expect(unknown.errors.contains("the nearest is training.batch"), unknown.report)
      #expect(try folder.text("whole.yaml") == whole.output)
    }

    @Test func measuresAStep() throws {
      let settings = [
        "model.width=4", "model.blocks=1", "data.side=64", "perceptual.weights=",
        "training.batch=4",
      ]
      let outcome = try Program.run(
        ["benchmark", "step", "--json", "--steps", "1"] + settings.flatMap { ["--set", $0] })
      #expect(outcome.status == 0, outcome.report)
      #expect(outcome.output.split(separator: "\n").count == 1)
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect((record["onednn"] as? String)?.isEmpty == false)
      let result = record.compactMapValues { $0 as? Double }
      let seconds = try #require(result["seconds_per_step"])
      let imagesPerSecond = try #require(result["images_per_second"])
      #expect(seconds > 0 && abs(imagesPerSecond * seconds - 4) < 1e-6)
      #expect(result["batch"] == 4)
      #expect(try #require(result["peak_memory_bytes"]) > 1e6)
      let share = try #require(result["convolution_share"])
      #expect(share > 0 && share <= 1)
    }

    @Test func measuresASave() throws {
      let folder = try TemporaryFolder()
      let settings = ["model.width=4", "model.blocks=1", "data.side=64", "training.batch=4"]
      let outcome = try Program.run(
        ["benchmark", "checkpoint", "--json", "--saves", "2", "--directory", folder.path]
          + settings.flatMap { ["--set", $0] })
      #expect(outcome.status == 0, outcome.report)
      let result = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Double])
      #expect(result["saves"] == 2 && (result["state_bytes"] ?? 0) > 100_000)
      for name in ["stall_seconds", "stall_milliseconds_per_64_mib", "write_bytes_per_second"] {
        #expect((result[name] ?? 0) > 0, outcome.report)
      }
      #expect(folder.contents.isEmpty)
    }

    @Test func measuresTheData() throws {
      let settings = ["data.root=\(try SmallRun.faces)", "data.crop=0"]
      let outcome = try Program.run(
        [
          "benchmark", "data", "--json", "--images", "20", "--steps", "1", "--config",
          try SmallRun.configuration,
        ] + settings.flatMap { ["--set", $0] })
      #expect(outcome.status == 0, outcome.report)
      let result = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Double])
      func rate(_ part: String) throws -> Double {
        try #require(result["\(part)_images_per_second"])
      }
      let parts = try ["read", "decode", "resize", "mask", "write"].map(rate)
      let whole = 1 / parts.reduce(0) { $0 + 1 / $1 }
      #expect(abs(try rate("all") / whole - 1) < 1e-9)
      #expect(abs(try rate("loader") / rate("ready") - #require(result["loader_ratio"])) < 1e-9)
      #expect(result["images"] == 20 && result["batch"] == 8)
    }

    @Test func looksAtCheckpoints() throws {
      let folder = try TemporaryFolder()
      try folder.copy(SmallRun.referenceRun, to: "run")
      func look(_ word: String, _ path: String, _ flags: String...) throws -> Outcome {
        try Program.run(["checkpoint", word, path] + flags)
      }
      let step = folder["run/checkpoints/step-00000024"]
      let hash = try look("hash", folder["run"])
      #expect(hash.output == "\(try RunRecord(folder["run"]).hash)\n", hash.report)
      #expect(try look("hash", step).output == hash.output)
      #expect(try look("hash", folder["run/checkpoints/step-00000021"]).output != hash.output)
      #expect(try look("verify", step).status == 0)

      let inspection = try look("inspect", step, "--json")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(inspection.output.utf8)) as? [String: Any])
      #expect(object["step"] as? Int == 24 && object["images"] as? Int == 192)
      #expect(object["hash"] as? String == hash.output.trimmingCharacters(in: .newlines))
      #expect(try look("inspect", step).output.contains("encoder.0.conv.weight [4, 4, 5, 5]"))

      try folder.flipBit(
        of: "run/checkpoints/step-00000024/optimizer.safetensors", atByte: 70_000)
      let before = folder.contents
      for word in ["verify", "hash", "inspect"] {
        try look(word, step).expectRefusal(
          65, mentions: ["step-00000024", "optimizer.safetensors"])
        try look(word, folder["nothing"]).expectRefusal(65, mentions: [folder["nothing"]])
      }
      #expect(folder.contents == before)
    }

    @Test func drawsFaces() throws {
      let folder = try TemporaryFolder()
      func draw(seed: Int) throws -> Outcome {
        try Program.run([
          "synthesize", folder["faces"], "--count", "3", "--side", "32", "--seed", "\(seed)",
        ])
      }
      #expect(try draw(seed: 4).status == 0)
      let drawn = folder.contents
      #expect(drawn["faces/img_align_celeba/000003.jpg"] != nil)
      #expect(try draw(seed: 4).status == 0)
      try draw(seed: 5).expectRefusal(65, mentions: [folder["faces"]])
      try Program.run(["synthesize", folder["faces/synthetic_faces.txt/new"], "--count", "1"])
        .expectRefusal(65, mentions: ["synthetic_faces.txt is a file, not a folder"])
      #expect(folder.contents == drawn)
    }
  }
}
