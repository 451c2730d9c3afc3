import Foundation
package import Images

/// Sample sheets of a run from its beginning to now, a bounded number of them and of bytes.
///
/// Sheets are kept so that each step is about the same factor after the one before: early steps
/// change more.
package struct SampleStrip: Sendable {
  /// A sheet as a JPEG file.
  package struct Sheet: Sendable {
    /// The step after which it was drawn.
    package let step: Int
    /// Its size in pixels.
    package let width, height: Int
    /// The file in base 64.
    package let base64: String
  }

  /// The most sheets.
  package static let sheetLimit = 16
  /// The most bytes of a sheet before base 64.
  package static let byteLimit = 90_000

  /// The sheets, oldest first.
  package private(set) var sheets: [Sheet] = []

  /// Starts without sheets.
  package init() {}

  /// The steps that are kept of more: the first, the last, and some between them.
  package static func selection(of steps: [Int]) -> [Int] {
    var kept: [Int] = []
    for step in steps.sorted() {
      kept.append(step)
      if kept.count > sheetLimit { kept.remove(at: leastMissed(in: kept)) }
    }
    return kept
  }

  /// Adds the sheet of a later step.
  ///
  /// - Throws: `ImageError` where it cannot be made a JPEG file.
  package mutating func add(step: Int, _ sheet: Image) throws(ImageError) {
    let picture = try Self.reduced(sheet)
    sheets.removeAll { $0.step >= step }
    sheets.append(
      Sheet(
        step: step, width: picture.width, height: picture.height,
        base64: Data(picture.bytes).base64EncodedString()))
    if sheets.count > Self.sheetLimit {
      sheets.remove(at: Self.leastMissed(in: sheets.map(\.step)))
    }
  }

  /// The step whose neighbours are the fewest doublings apart; never the first or the last.
  private static func leastMissed(in steps: [Int]) -> Int {
    func gap(_ index: Int) -> Double {
      Double(steps[index + 1]) / Double(max(steps[index - 1], 1))
    }
    return (1..<steps.count - 1).min { gap($0) < gap($1) } ?? 0
  }

  /// A JPEG file within the limit: less quality first, then fewer pixels.
  private static func reduced(
    _ sheet: Image
  ) throws(ImageError) -> (bytes: [UInt8], width: Int, height: Int) {
    var picture = sheet
    while true {
      for quality in [92, 85, 75] {
        let bytes = try picture.encodedAsJPEG(
          quality: quality, fullChroma: quality > 90, name: "sample sheet")
        if bytes.count <= byteLimit || max(picture.width, picture.height) <= 64 {
          return (bytes, picture.width, picture.height)
        }
      }
      picture = picture.resized(
        width: max(1, picture.width * 3 / 4), height: max(1, picture.height * 3 / 4))
    }
  }
}
