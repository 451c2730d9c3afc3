extension RunReport {
  /// The report as one page that needs no other file.
  ///
  /// - Parameter writtenSeconds: When, in seconds since 1970.
  /// - Returns: The file's bytes.
  package func page(writtenSeconds: Double) -> [UInt8] {
    let facts = contents(writtenSeconds: writtenSeconds)
    let head = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(escaped(experiment)) · step \(step)</title>
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

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }
}
