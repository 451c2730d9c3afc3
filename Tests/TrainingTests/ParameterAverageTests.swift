import Checkpoints
import Foundation
import Layers
import TensorCore
import Testing
import Training

extension CommandTests {
  /// The running average of the generator's weights.
  @Suite struct ParameterAverageTests {
    private let ema = ["--set", "training.ema=0.75"]

    @Test func followsTheFormula() {
      var random = CounterBasedRandom(seed: 4, purpose: .test)
      let (trained, copy) = (
        Linear("l", 70, 300, initializer: Initializer(seed: 1)),
        Linear("l", 70, 300, initializer: Initializer(seed: 2))
      )
      let source = ParameterArena(
        trained.parameters, ranges: [0..<21_000, 21_008..<21_308], count: 21_312)
      let average = ParameterAverage(of: source, in: copy, decay: 0.9)
      #expect(copy.weight.value.elements == trained.weight.value.elements)
      var expected = trained.parameters.map { $0.value.elements.map(Double.init) }
      for step in 1...5 {
        for parameter in trained.parameters {
          parameter.setElements(parameter.value.elements.map { $0 + random.uniform(-1, 1) })
        }
        let before = source.values.elements
        average.update(step: step)
        #expect(source.values.elements == before)
        for (index, parameter) in trained.parameters.enumerated() {
          for (place, value) in parameter.value.elements.enumerated() {
            expected[index][place] = 0.9 * expected[index][place] + 0.1 * Double(value)
          }
        }
      }
      for (parameter, expected) in zip(average.parameters, expected) {
        let error = zip(parameter.value.elements, expected).map { abs(Double($0) - $1) }.max()
        #expect(error! < 3e-6)
      }
      average.restart()
      #expect(copy.bias.value.elements == trained.bias.value.elements)
    }

    /// Whatever the batch, weights from a half-life ago count half; at first the half-life is short.
    @Test func decayByPictures() {
      for batch in [4, 16] {
        let decay = AverageDecay.halfLife(images: 320, rampUp: 0.1, batch: batch)
        let late = (10_000 / batch)..<(10_320 / batch)
        let kept = late.reduce(1.0) { $0 * (1 - Double(decay.weight(at: $1))) }
        #expect(abs(kept - 0.5) < 1e-4)
        // After 160 pictures the half-life is 16.
        let early = 1 - Double(decay.weight(at: 160 / batch))
        #expect(abs(early - pow(0.5, Double(batch) / 16)) < 1e-6)
      }
      let free = AverageDecay.halfLife(images: 320, rampUp: 0, batch: 16)
      #expect(free.weight(at: 1) == free.weight(at: 1000))
    }

    /// Every step's file is the formula applied to the file before and to the step's weights.
    @Test func theFilesFollowTheFormula() throws {
      let folder = try TemporaryFolder()
      let outcome = try SmallRun.train(
        folder["run"], ema + ["--set", "checkpoint.every=1", "--stop-after", "3"])
      #expect(outcome.status == 0, outcome.report)
      func floats(_ step: Int, _ file: String, _ tensor: String) throws -> [Float] {
        try CheckpointDirectory(folder["run/checkpoints/step-0000000\(step)"]).load().file(file)
          .tensor(tensor).floats()
      }
      let names = try CheckpointDirectory(folder["run/checkpoints/step-00000001"]).load()
        .generator.names
      for step in 2...3 {
        for name in names {
          let previous = try floats(step - 1, "generator-ema", name)
          let weights = try floats(step, "generator", name)
          for (index, average) in try floats(step, "generator-ema", name).enumerated() {
            let expected = previous[index] + 0.25 * (weights[index] - previous[index])
            #expect(abs(average - expected) <= 1e-6 * max(1, abs(expected)))
          }
          // The bias of a convolution before a normalisation has no effect and stays as it is.
          if weights != (try floats(step - 1, "generator", name)) {
            #expect(try floats(step, "generator-ema", name) != weights, "\(name)")
          }
        }
      }
    }

    /// The same bits on other numbers of ranks and after stops; the trained weights are untouched.
    @Test func isResumedExactlyAndChangesNoWeights() throws {
      let folder = try TemporaryFolder()
      #expect(try SmallRun.train(folder["whole"], ema).status == 0)
      for (end, launcher) in [("5", Launcher.ranks(2)), ("13", .alone), ("24", .ranks(4))] {
        let outcome = try SmallRun.train(
          folder["chain"], ema + ["--stop-after", end], launcher: launcher)
        #expect(outcome.status == 0, outcome.report)
      }
      try expectSameEnd(folder["chain"], as: folder["whole"])

      let reference = try SmallRun.referenceRun
      #expect(try RunRecord(folder["whole"]).hash != RunRecord(reference).hash)
      let checkpoint = "checkpoints/step-00000024"
      for file in ["generator", "discriminator", "optimizer"] {
        let path = "\(checkpoint)/\(file).safetensors"
        let bytes = try #require(FileManager.default.contents(atPath: "\(reference)/\(path)"))
        #expect(try folder.bytes("whole/\(path)") == bytes, "\(file)")
      }
      // Losses are those of the trained weights, scores and sheets those of the average.
      let (lines, others) = (try RunRecord(folder["whole"]), try RunRecord(reference))
      for (line, other) in zip(lines.metrics, others.metrics) {
        #expect((line == other) == !line.contains("validation_"))
      }
      #expect(lines.lastSheet != others.lastSheet)

      // The file stands alone.
      let fill = try Program.run([
        "fill", "--weights", folder["whole/\(checkpoint)/generator-ema.safetensors"], "--image",
        "\(SmallRun.faces)/img_align_celeba/000001.jpg", "--mask", "center", "--output",
        folder["filled.png"],
      ])
      #expect(fill.status == 0, fill.report)
    }

    @Test func startsFromTheWeightsWhereItIsSwitchedOn() throws {
      let folder = try TemporaryFolder()
      let plain = try SmallRun.train(folder["run"], ["--stop-after", "2"])
      #expect(plain.status == 0 && !plain.output.contains("training.ema"), plain.report)
      let on = try SmallRun.train(folder["run"], ema + ["--stop-after", "3"], launcher: .ranks(2))
      #expect(on.status == 0, on.report)
      #expect(on.output.contains("the average starts from the weights"), on.report)
      let checkpoints = try CheckpointDirectory.all(in: folder["run/checkpoints"]).map {
        try $0.load()
      }
      #expect(checkpoints.map { $0.state.step } == [3, 2])
      let name = "encoder.0.conv.weight"
      let (start, weights, average) = (
        try checkpoints[1].generator.tensor(name).floats(),
        try checkpoints[0].generator.tensor(name).floats(),
        try checkpoints[0].file("generator-ema").tensor(name).floats()
      )
      for index in start.indices {
        let expected = start[index] + 0.25 * (weights[index] - start[index])
        #expect(abs(average[index] - expected) <= 1e-6)
      }
      let off = try SmallRun.train(folder["run"], ["--stop-after", "4"])
      #expect(off.status == 0 && off.output.contains("is not carried on"), off.report)
    }
  }
}
