import Foundation
import Reports
import Testing

@Suite struct FlatRecordTests {
  private func records(_ text: String) -> [FlatRecord] {
    var records: [FlatRecord] = []
    FlatRecord.forEach(in: Array(text.utf8)) { records.append($0) }
    return records
  }

  @Test func readsNumbersListsAndNulls() {
    let found = records(
      """
      {"step": 1, "pixel": 0.25, "wait": [1e-3, -2.5E+2], "none": null, "empty": []}
      {"step":2}

      """)
    #expect(found.count == 2)
    #expect(found.first?["step"] == 1)
    #expect(found.first?["pixel"] == 0.25)
    #expect(found.first?.list("wait") == [0.001, -250])
    #expect(found.first?["none"]?.isNaN == true)
    #expect(found.first?.list("empty") == [])
    #expect(found.first?["absent"] == nil)
    #expect(found.first?.members.map(\.name) == ["step", "pixel", "wait", "none", "empty"])
    #expect(found.last?["step"] == 2)
  }

  @Test(arguments: [
    "", "{", "{}", "{\"step\"", "{\"step\":", "{\"step\": }", "{\"step\": 1", "{\"step\": 1,}",
    "{\"step\": [1}", "{\"step\": [1,", "nonsense", "{\"step\": \"one\"}", "{\"step\": n",
    "\u{0}\u{0}", "{\"step\": 1e",
  ])
  func aBrokenLineIsLeftOut(line: String) {
    #expect(records("\(line)\n{\"step\": 2}\n").compactMap { $0["step"] } == [2])
    #expect(records("{\"step\": 2}\n\(line)").compactMap { $0["step"] } == [2])
  }

  /// Cut anywhere, a log gives its whole lines.
  @Test func anyBeginningOfALogIsRead() {
    let text = (1...4).map { "{\"step\": \($0), \"a\": [\($0).5, 2]}\n" }.joined()
    for count in 0...text.utf8.count {
      let part = String(decoding: text.utf8.prefix(count), as: UTF8.self)
      let whole = part.split(separator: "\n").filter { $0.hasSuffix("}") }.count
      #expect(records(part).map { $0["step"] } == (0..<whole).map { Double($0 + 1) })
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func numbersEqualFoundations(seed: UInt64) throws {
    var random = RandomNumbers(state: seed)
    let values = (0..<50).map { _ in
      Double(bitPattern: random.next())
    }.filter(\.isFinite)
    let line = "{\"values\": [\(values.map { "\($0)" }.joined(separator: ", "))]}"
    #expect(records(line).first?.list("values") == values)
  }
}
