import Foundation
import Images
import Reports
import Testing

@Suite struct RunReportTests {
  private static func line(_ step: Int) -> FlatRecord {
    var members = ["pixel", "feature", "alignment", "adversarial", "generator", "discriminator"]
      .enumerated().map { (name: $1, values: [1 / Double(step + $0) + Double(step % 7) * 0.013]) }
    members += [("step", [Double(step)]), ("epoch", [1]), ("images", [Double(step * 16)])]
    members.append(("skipped_images", [2]))
    if step.isMultiple(of: 100) {
      members += [("validation_psnr", [20 + Double(step) * 1e-4])]
    }
    members += [("images_per_second", [12.345]), ("seconds", [1.25])]
    return FlatRecord(members)
  }

  private static func sheet(_ side: Int, seed: UInt64) -> Image {
    var random = RandomNumbers(state: seed)
    return Image(
      width: side * 2, height: side,
      pixels: (0..<side * side * 6).map { _ in UInt8(truncatingIfNeeded: random.next()) })
  }

  private static func facts(_ page: [UInt8]) throws -> [String: Any] {
    let text = String(decoding: page, as: UTF8.self)
    let start = try #require(text.range(of: "id=\"facts\">"))
    let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
    let json = Data(text[start.upperBound..<end.lowerBound].utf8)
    return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
  }

  private static func column(_ facts: [String: Any], _ series: String, _ index: Int) -> [Double] {
    let columns = (facts[series] as? [String: Any])?["columns"] as? [[String: Any]]
    return columns?[index]["mean"] as? [Double] ?? []
  }

  @Test func aShortRunIsTold() throws {
    var report = RunReport(experiment: "a", totalSteps: 300, configuration: "seed: 1\n")
    for step in 1...200 { report.add(metrics: Self.line(step)) }
    report.add(
      rankTimes: FlatRecord([
        ("step", [200]), ("steps", [10]), ("compute", [1, 2]), ("data", [0, 0]), ("wait", [1, 0]),
      ]))
    try report.add(sampleSheet: Self.sheet(16, seed: 1), step: 200)
    report.checkpoints = [RunReport.Checkpoint(step: 200, bytes: 1000, savedSeconds: 1e9)]
    let facts = try Self.facts(report.page(writtenSeconds: 1.7e9))
    #expect(facts["step"] as? Int == 200)
    #expect(facts["steps"] as? Int == 300)
    #expect(facts["written"] as? Int == 1_700_000_000)
    #expect(facts["trained_seconds"] as? Double == 250)
    #expect(facts["rank_count"] as? Int == 2)
    let losses = try #require(facts["losses"] as? [String: Any])
    #expect(
      losses["names"] as? [String]
        == ["pixel", "feature", "alignment", "adversarial", "generator", "discriminator"])
    #expect(losses["step"] as? [Int] == Array(1...200))
    for (index, value) in Self.column(facts, "losses", 0).enumerated() {
      let expected = Self.line(index + 1)["pixel"] ?? 0
      #expect(abs(value - expected) <= abs(expected) * 1e-5)
    }
    #expect(Self.column(facts, "scores", 0) == [20.01, 20.02])
    let metrics = try #require(facts["metrics"] as? [String: [String]])
    #expect(metrics["psnr"] == ["PSNR", "dB", "higher"])
    #expect(metrics["l1_hole_percent"] == ["Hole L1", "%", "lower"])
    #expect((facts["samples"] as? [[String: Any]])?.first?["step"] as? Int == 200)
    #expect((facts["checkpoints"] as? [[String: Any]])?.first?["bytes"] as? Int == 1000)
  }

  /// 100,000 steps on 64 ranks with a sheet every 1,000 steps: below 3 MB.
  @Test func aLongRunStaysSmall() throws {
    var report = RunReport(experiment: "long", totalSteps: 100_000, configuration: "seed: 1\n")
    for step in 1...100_000 {
      report.add(metrics: Self.line(step))
      guard step.isMultiple(of: 10) else { continue }
      let times = (0..<64).map { Double(step % 17) * 0.0123 + Double($0) * 0.1 }
      report.add(
        rankTimes: FlatRecord([
          ("step", [Double(step)]), ("compute", times), ("data", times), ("wait", times),
        ]))
    }
    // Noise is what JPEG reduces least.
    let sheet = Self.sheet(300, seed: 2)
    for step in stride(from: 1000, through: 100_000, by: 5000) {
      try report.add(sampleSheet: sheet, step: step)
    }
    let page = report.page(writtenSeconds: 0)
    #expect(page.count < 3_000_000)
    let facts = try Self.facts(page)
    let steps = try #require((facts["losses"] as? [String: Any])?["step"] as? [Int])
    #expect(steps.last == 100_000)
    #expect((400...1000).contains(steps.count))
    #expect((facts["samples"] as? [Any])?.count == SampleStrip.sheetLimit)
  }

  /// A page that opens from disk asks no server and no other file for anything.
  @Test func nothingIsLoadedFromElsewhere() {
    let text = String(
      decoding: RunReport(experiment: "a", totalSteps: 1, configuration: "")
        .page(writtenSeconds: 0), as: UTF8.self)
    let links = text.matches(of: /(src|href|url|import|fetch)\s*[=(]?\s*["'(]?\s*https?:/)
    #expect(links.isEmpty)
    for word in ["<link", "@import", "fetch(", "XMLHttpRequest", "import("] {
      #expect(!text.contains(word), "\(word)")
    }
  }

  @Test(arguments: ["</script><b>", "<!--", "a\"b\\c", "é\u{1}\n日本", "& <i>"])
  func textsAreNoMarkup(name: String) throws {
    let page = RunReport(experiment: name, totalSteps: 1, configuration: name)
      .page(writtenSeconds: 0)
    let facts = try Self.facts(page)
    let expected = name.replacing("\u{1}", with: " ")
    #expect(facts["experiment"] as? String == expected)
    #expect(facts["configuration"] as? String == expected)
    let text = String(decoding: page, as: UTF8.self)
    #expect(text.components(separatedBy: "</script>").count == 3)
    #expect(!text.contains("<b>") && !text.contains("<!--") && !text.contains("<i>"))
  }

  @Test func numbersThatAreNotFiniteAreGaps() throws {
    var report = RunReport(experiment: "a", totalSteps: 9, configuration: "")
    report.add(metrics: FlatRecord([("step", [1]), ("pixel", [.nan]), ("seconds", [.nan])]))
    report.add(metrics: FlatRecord([("step", [2]), ("pixel", [0.5]), ("seconds", [2])]))
    let facts = try Self.facts(report.page(writtenSeconds: 0))
    let columns = (facts["losses"] as? [String: Any])?["columns"] as? [[String: Any]]
    let means = columns?.first?["mean"] as? [Any]
    #expect(means?.first is NSNull)
    #expect(means?.last as? Double == 0.5)
    #expect(facts["trained_seconds"] as? Int == 2)
  }

  @Test func sheetsAreSpreadOverTheRun() {
    let kept = SampleStrip.selection(of: Array(1...100).map { $0 * 1000 })
    #expect(kept.count == SampleStrip.sheetLimit)
    #expect(kept.first == 1000 && kept.last == 100_000)
    let ratios = zip(kept.dropFirst(), kept).map { Double($0) / Double($1) }
    #expect(ratios.max() ?? 9 <= 2.01)
    #expect(SampleStrip.selection(of: [3, 1, 2]) == [1, 2, 3])
  }

  @Test func aSheetIsAJPEGWithinTheLimit() throws {
    var strip = SampleStrip()
    try strip.add(step: 1, Self.sheet(400, seed: 3))
    let sheet = try #require(strip.sheets.first)
    let bytes = try #require(Data(base64Encoded: sheet.base64))
    #expect(bytes.count <= SampleStrip.byteLimit)
    let picture = try Image(decoding: Array(bytes), name: "sheet")
    #expect(picture.width == sheet.width && picture.height == sheet.height)
    #expect(picture.width == 2 * picture.height)
  }
}
