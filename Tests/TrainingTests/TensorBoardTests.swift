import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// TensorBoard's event files of a run that was stopped, lost two steps and went on.
  @Suite struct TensorBoardTests {
    private static let settings = [
      "--set", "training.tensorboard=true", "--set", "checkpoint.every=4", "--set",
      "validation.samples_every=4",
    ]

    /// A run of 8 steps whose checkpoint of step 6 was lost, so that steps 5 and 6 are made twice.
    private func run(_ folder: TemporaryFolder) throws {
      let run = folder["run"]
      let first = try SmallRun.train(run, ["--stop-after", "6"] + Self.settings)
      try #require(first.status == 0, first.report)
      try FileManager.default.removeItem(atPath: "\(run)/checkpoints/step-00000006")
      let second = try SmallRun.train(run, ["--stop-after", "8"] + Self.settings)
      try #require(second.status == 0, second.report)
    }

    @Test func everyStartHasAFileOfItsOwn() throws {
      let folder = try TemporaryFolder()
      try run(folder)
      let names = try folder.names(in: "run/tensorboard").sorted()
      try #require(names.count == 2)
      let steps = try names.map { name in
        let records = Array(try folder.bytes("run/tensorboard/\(name)"))
        return messages(of: records).filter { !$0.messages(5).isEmpty }.map { $0.integers(2)[0] }
      }
      #expect(steps[0] == [1, 2, 3, 4, 4, 5, 6, 6])
      #expect(steps[1] == [5, 6, 7, 8, 8])
      let last = try messages(of: Array(folder.bytes("run/tensorboard/\(names[1])")))
      #expect(
        last[1].integers(2) == [5] && last[1].messages(7).count == 1, "the start of a session")
    }

    /// TensorBoard shows every step once, with the numbers of `metrics.jsonl`.
    @Test(
      .enabled(
        if: Python.has("tensorboard"),
        "TensorBoard is not there: pip install tensorboard, and set INPAINT_PYTHON"))
    func tensorBoardReadsThem() throws {
      let folder = try TemporaryFolder()
      try run(folder)
      let outcome = try Python.run(Self.program, [folder["run/tensorboard"]])
      try #require(outcome.status == 0, outcome.report)
      let metrics = try folder.text("run/metrics.jsonl").split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
      }
      let expected = metrics.map { [Double($0["step"] as? Int ?? 0), $0["pixel"] as? Double ?? 0] }
      let lines = outcome.output.split(separator: "\n").map(String.init)
      let found = lines.filter { $0.hasPrefix("pixel") }.map { line in
        line.split(separator: " ").dropFirst().compactMap { Double($0) }
      }
      #expect(found.map { $0.map(Float.init) } == expected.map { $0.map(Float.init) })
      #expect(lines.filter { $0.hasPrefix("psnr") }.count == 1)
      #expect(
        lines.filter { $0.hasPrefix("samples") }.map { $0.prefix(9) } == ["samples 4", "samples 8"])
    }

    private static let program = """
      import sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1])
      events.Reload()
      for tag in ["loss/pixel", "validation/psnr"]:
        for event in events.Scalars(tag):
          print(tag.split("/")[1], event.step, event.value)
      for event in events.Images("samples"):
        print("samples", event.step, event.width, event.height, len(event.encoded_image_string))
      """

    private func messages(of records: [UInt8]) -> [ProtobufFields] {
      var rest = records[...]
      var messages: [ProtobufFields] = []
      while rest.count >= 16 {
        let count = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        if let message = ProtobufFields(Array(rest.dropFirst(12).prefix(count))) {
          messages.append(message)
        }
        rest = rest.dropFirst(16 + count)
      }
      return messages
    }
  }
}
