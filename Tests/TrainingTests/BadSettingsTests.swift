import Testing

extension CommandTests {
  /// Settings that cannot be used stop a run before anything is written.
  @Suite struct BadSettingsTests {
    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      var overrides: [String] = []
      var launcher = Launcher.alone
      let status: Int32
      let mentions: [String]

      init(
        _ name: String, set: String..., launcher: Launcher = .alone, status: Int32 = 64,
        mentions: [String]
      ) {
        testDescription = name
        overrides = set
        self.launcher = launcher
        self.status = status
        self.mentions = mentions
      }
    }

    @Test(arguments: [
      Case(
        "misspelt key", set: "training.replica=4",
        mentions: ["training.replica: there is no such key", "nearest is training.replicas"]),
      Case(
        "misspelt key, two ranks", set: "training.replica=4", launcher: .ranks(2),
        mentions: ["nearest is training.replicas"]),
      Case(
        "wrong type", set: "training.batch=many",
        mentions: ["training.batch = many", "whole number"]),
      Case("side", set: "data.side=66", mentions: ["data.side = 66", "use 64 or 128"]),
      Case(
        "replicas", set: "training.replicas=3",
        mentions: ["training.replicas = 3", "power of two"]),
      Case(
        "batch and replicas", set: "training.batch=10",
        mentions: ["training.batch = 10", "use 8 or 12"]),
      Case(
        "two faults at once", set: "data.side=66", "training.replicas=3",
        mentions: ["data.side = 66", "training.replicas = 3"]),
      Case(
        "ranks", launcher: .ranks(3),
        mentions: ["training.replicas = 4", "3 ranks", "start 1 or 2 or 4 ranks"]),
      Case(
        "no data folder", set: "data.root=/nowhere/faces", status: 65,
        mentions: ["/nowhere/faces", "data.root"]),
      Case(
        "no data folder, two ranks", set: "data.root=/nowhere/faces", launcher: .ranks(2),
        status: 65, mentions: ["/nowhere/faces", "data.root"]),
      Case(
        "no VGG file", set: "perceptual.weights=/nowhere/vgg.safetensors", status: 65,
        mentions: ["/nowhere/vgg.safetensors", "perceptual.weights"]),
    ])
    func isRefused(_ bad: Case) throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(
        folder["run"], bad.overrides.flatMap { ["--set", $0] }, launcher: bad.launcher)
      outcome.expectRefusal(bad.status, mentions: bad.mentions)
      #expect(folder.contents.isEmpty)
    }

    @Test func aMissingConfigurationIsNamed() throws {
      let folder = try TemporaryFolder()
      let outcome = try Program.run(["train", folder["absent.yaml"], "--run", folder["run"]])
      outcome.expectRefusal(64, mentions: [folder["absent.yaml"], "cannot be read"])
      #expect(folder.contents.isEmpty)
    }

    @Test(arguments: [
      (text: "modell: {width: 4}\n", mentions: "the nearest is model"),
      (text: "model: {width: [4}\n", mentions: "bad.yaml"),
      (text: "\u{0}\u{1}\u{2}", mentions: "bad.yaml"),
    ])
    func aBadFileIsNamed(text: String, mentions: String) throws {
      let folder = try TemporaryFolder()
      try folder.write(text, to: "bad.yaml")
      let outcome = try Program.run(["train", folder["bad.yaml"], "--run", folder["run"]])
      outcome.expectRefusal(64, mentions: [folder["bad.yaml"], mentions])
      #expect(!folder.contains("run"))
    }

    @Test(arguments: [Launcher.alone, .ranks(2)])
    func weightsOfOtherShapesAreRefused(launcher: Launcher) throws {
      let folder = try TemporaryFolder()
      try SmallRun.writeFeatures(to: folder["narrow.safetensors"], channels: 32)
      let outcome = try SmallRun.train(
        folder["run"], ["--set", "perceptual.weights=\(folder["narrow.safetensors"])"],
        launcher: launcher)
      outcome.expectRefusal(
        65,
        mentions: [
          folder["narrow.safetensors"], "features.0.weight", "[32, 3, 3, 3]", "[64, 3, 3, 3]",
        ])
      #expect(!folder.contains("run"))
    }

    @Test(arguments: [Launcher.alone, .ranks(2)])
    func aRunFolderThatCannotBeMadeIsRefused(launcher: Launcher) throws {
      let folder = try TemporaryFolder()
      try folder.write("a file", to: "file")
      let before = folder.contents
      let outcome = try SmallRun.train(folder["file/run"], launcher: launcher)
      outcome.expectRefusal(64, mentions: [folder["file/run"], "Not a directory", "--run"])
      #expect(folder.contents == before)
    }
  }
}

extension Outcome {
  /// Expects one message that mentions everything it should, and an exit code.
  func expectRefusal(
    _ status: Int32, mentions: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(self.status == status, report, sourceLocation: sourceLocation)
    #expect(messages.count == 1, report, sourceLocation: sourceLocation)
    for fragment in mentions {
      #expect(
        messages.first?.contains(fragment) == true, "\(fragment) is not in: \(errors)",
        sourceLocation: sourceLocation)
    }
  }
}
