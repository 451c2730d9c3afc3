import Foundation
import Running
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct MetricsLogTests {
  private func record(_ step: Int, _ loss: Double = 0.5) -> JSONRecord {
    var record = JSONRecord()
    record.add("step", step)
    record.add("pixel", loss)
    return record
  }

  @Test func everyRecordIsALine() throws {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(path: folder["metrics.jsonl"], afterStep: 0)
    for step in 1...3 { try log.append(record(step)) }
    let expected = (1...3).map { "{\"step\": \($0), \"pixel\": 0.5}\n" }.joined()
    #expect(try folder.text("metrics.jsonl") == expected)
  }

  /// Whatever an interrupted run has left, the log goes on after the lines of the steps that count.
  @Test func goesOnAfterAnyPrefix() throws {
    let folder = try TemporaryFolder()
    let lines = (1...6).map { record($0, 1 / Double($0)).text + "\n" }
    let whole = Array(lines.joined().utf8)
    for length in 0...whole.count {
      try folder.write(whole.prefix(length), to: "metrics.jsonl")
      let log = try MetricsLog(path: folder["metrics.jsonl"], afterStep: 4)
      try log.append(record(5, 0.2))
      let whole = lines.prefix(4).indices.filter { index in
        // A line that lacks but its end is whole.
        lines[...index].reduce(0) { $0 + $1.utf8.count } - 1 <= length
      }
      let expected = whole.map { lines[$0] }.joined() + lines[4]
      #expect(try folder.text("metrics.jsonl") == expected, "of \(length) bytes")
    }
  }

  @Test func aNewRunStartsAnEmptyLog() throws {
    let folder = try TemporaryFolder()
    try folder.write(record(1).text + "\n", to: "metrics.jsonl")
    let log = try MetricsLog(path: folder["metrics.jsonl"], afterStep: 0)
    #expect(try folder.text("metrics.jsonl").isEmpty)
    try log.append(record(1, 0.25))
    #expect(try folder.text("metrics.jsonl") == "{\"step\": 1, \"pixel\": 0.25}\n")
  }

  @Test func linesThatAreNoRecordsAreGivenUp() throws {
    let folder = try TemporaryFolder()
    let kept = record(1).text + "\n" + record(2).text + "\n"
    try folder.write("\n{\"step\": 1\n[2]\n\u{0}\u{0}\n" + kept, to: "metrics.jsonl")
    _ = try MetricsLog(path: folder["metrics.jsonl"], afterStep: 2)
    #expect(try folder.text("metrics.jsonl") == kept)
  }

  @Test func aFolderThatIsNotThereIsAnError() throws {
    let folder = try TemporaryFolder()
    #expect(throws: (any Error).self) {
      try MetricsLog(path: folder["absent/metrics.jsonl"], afterStep: 0)
    }
  }
}

@Suite struct JSONRecordTests {
  @Test func membersKeepTheirOrder() {
    var record = JSONRecord()
    record.add("z", 1)
    record.add("a", -2.5)
    record.add("m", "text")
    #expect(record.text == #"{"z": 1, "a": -2.5, "m": "text"}"#)
    #expect(JSONRecord().text == "{}")
  }

  @Test func numbersKeepAllTheirDigits() throws {
    var random = CounterBasedRandom(test: 31)
    for _ in 0..<1000 {
      let value = Double(bitPattern: random.next())
      var record = JSONRecord()
      record.add("value", value)
      let object = try JSONDecoder().decode([String: Double?].self, from: Data(record.text.utf8))
      let decoded: Double? = try #require(object["value"])
      let expected: Double? = value.isFinite ? value : nil
      #expect(decoded == expected, "\(record.text)")
    }
  }

  @Test(arguments: ["", "plain", #"a "quoted" word"#, #"C:\folder\"#, "Füße, 脸"])
  func textsComeBack(text: String) throws {
    var record = JSONRecord()
    record.add("text", text)
    let object = try JSONDecoder().decode([String: String].self, from: Data(record.text.utf8))
    #expect(object == ["text": text])
  }
}
