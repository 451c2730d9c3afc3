/// Several runs on one page that needs no other file: scores, sheets, settings that differ, and curves over
/// each other.
package struct ComparisonPage: Sendable {
  /// A run under the name that it has on the page.
  package typealias Run = (name: String, report: RunReport)
  /// A setting, and its value in each run; nil where a run has no such key.
  package typealias Difference = (key: String, values: [String?])

  private let runs: [Run]
  private let differences: [Difference]

  /// Compares runs.
  package init(_ runs: [Run], differences: [Difference]) {
    (self.runs, self.differences) = (runs, differences)
  }

  /// The page.
  ///
  /// - Parameter writtenSeconds: When, in seconds since 1970.
  /// - Returns: The file's bytes.
  package func page(writtenSeconds: Double) -> [UInt8] {
    let members = runs.map { run in
      #"{"name":\#(jsonText(run.name)),"#
        + run.report.facts(writtenSeconds: writtenSeconds).dropFirst()
    }
    let rows = differences.map { difference in
      let cells = difference.values.map { $0.map(jsonText) ?? "null" }
      return "[" + ([jsonText(difference.key)] + cells).joined(separator: ",") + "]"
    }
    let facts =
      #"{"runs":[\#(members.joined(separator: ","))],"differences":[\#(rows.joined(separator: ","))]}"#
    let title = escapedForHTML(runs.map(\.name).joined(separator: " · "))
    var page = Array(
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <style>

      """.utf8)
    page += PackageResources.report_css
    page += PackageResources.compare_css
    page += Array(
      """
      </style>
      </head>
      <body>
      <main id="page"><noscript>This page draws its charts with JavaScript.</noscript></main>
      <script type="application/json" id="facts">
      """.utf8)
    page += Array(facts.utf8)
    page += Array("</script>\n<script type=\"module\">\n".utf8)
    page += Self.chartScript
    page += PackageResources.compare_js
    page += Array("</script>\n</body>\n</html>\n".utf8)
    return page
  }

  /// The chart as part of another script, which needs no imports.
  private static var chartScript: [UInt8] {
    let lines = String(decoding: PackageResources.chart_js, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("import ") }
      .map { $0.hasPrefix("export ") ? $0.dropFirst("export ".count) : $0 }
    return Array(lines.joined(separator: "\n").utf8)
  }
}
