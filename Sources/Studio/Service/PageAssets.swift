import HTTPService
import Reports

/// The files of the page, which are part of the program.
enum PageAssets {
  /// A file's bytes and type.
  typealias Asset = (bytes: [UInt8], type: String)

  private static let script = "text/javascript; charset=utf-8"
  private static let style = "text/css; charset=utf-8"
  private static let page = "text/html; charset=utf-8"

  /// The file of a name; nil where there is none.
  static func asset(_ name: String) -> Asset? {
    switch name {
    case "index.html": (PackageResources.index_html, page)
    case "api.html": (PackageResources.api_html, page)
    case "icon.svg": (PackageResources.icon_svg, "image/svg+xml")
    case "studio.css": (PackageResources.studio_css, style)
    case "api.css": (PackageResources.api_css, style)
    case "runs.css": (PackageResources.runs_css, style)
    case "faces.css": (PackageResources.faces_css, style)
    case "faces.js": (PackageResources.faces_js, script)
    case "studio.js": (PackageResources.studio_js, script)
    case "api.js": (PackageResources.api_js, script)
    case "canvas.js": (PackageResources.canvas_js, script)
    case "chart.js": (ReportAssets.chart, script)
    case "elements.js": (PackageResources.elements_js, script)
    case "fills.js": (PackageResources.fills_js, script)
    case "history.js": (PackageResources.history_js, script)
    case "keys.js": (PackageResources.keys_js, script)
    case "mask.js": (PackageResources.mask_js, script)
    case "picture.js": (PackageResources.picture_js, script)
    case "runs.js": (PackageResources.runs_js, script)
    case "save.js": (PackageResources.save_js, script)
    case "tools.js": (PackageResources.tools_js, script)
    case "report.css": (ReportAssets.style, style)
    case "report.js": (ReportAssets.script, script)
    default: nil
    }
  }
}
