extension RunReport {
  /// The report as one page that needs no other file.
  ///
  /// - Parameter writtenSeconds: When, in seconds since 1970.
  /// - Returns: The file's bytes.
  package func page(writtenSeconds: Double) -> [UInt8] {
    let facts = facts(writtenSeconds: writtenSeconds)
    let head = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(escapedForHTML(experiment)) · step \(step)</title>
      <style>

      """
    let body = """
      </style>
      </head>
      <body>
      <main id="page"><noscript>This report draws its charts with JavaScript.</noscript></main>
      <script type="application/json" id="facts">
      """
    var page = Array(head.utf8)
    page += PackageResources.report_css
    page += Array(body.utf8)
    page += Array(facts.utf8)
    page += Array("</script>\n<script>\n".utf8)
    page += PackageResources.report_js
    page += Array("</script>\n</body>\n</html>\n".utf8)
    return page
  }

}

/// The parts of the report's page, for a server that shows a run while it trains.
package enum ReportAssets {
  /// The style sheet.
  package static var style: [UInt8] { PackageResources.report_css }
  /// The chart of several runs' curves, a module that imports `element` from `elements.js` beside it.
  package static var chart: [UInt8] { PackageResources.chart_js }
  /// The script, which asks the server for the facts and for news.
  package static var script: [UInt8] {
    PackageResources.report_js + PackageResources.report_live_js
  }

  /// The report as a page that asks its server for the facts and for news.
  ///
  /// - Parameters:
  ///   - title: The run's name.
  ///   - root: The address of the server's root, relative to the page.
  ///   - run: The run in the server's addresses.
  /// - Returns: The file's bytes.
  package static func livePage(title: String, root: String, run: String) -> [UInt8] {
    Array(
      """
      <!doctype html>
      <html lang="en" data-root="\(escapedForHTML(root))" data-run="\(escapedForHTML(run))">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(escapedForHTML(title))</title>
      <link rel="stylesheet" href="\(escapedForHTML(root))report.css">
      </head>
      <body>
      <main id="page"><noscript>This report draws its charts with JavaScript.</noscript></main>
      <script src="\(escapedForHTML(root))report.js"></script>
      </body>
      </html>

      """.utf8)
  }
}

/// Text in a page.
func escapedForHTML(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
}
