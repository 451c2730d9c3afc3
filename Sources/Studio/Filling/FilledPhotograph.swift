import Filling
import Foundation
import Images

/// A photograph with what was filled so far.
///
/// Writing it goes through the code of `inpaint fill`, so that the files are the same.
struct FilledPhotograph {
  /// The photograph as its file has it.
  let photograph: Photograph
  /// Three channels, with all holes filled.
  private(set) var picture: Image
  /// All pixels that were filled: 1.
  private var filled: [UInt8]

  /// Reads a photograph and the patches of its results, the first one first.
  ///
  /// - Throws: `ImageError` where a file cannot be read.
  init(_ opened: StudioPicture, results: [FillResult]) throws {
    photograph = try Photograph(contentsOf: opened.path)
    picture = photograph.seen
    filled = [UInt8](repeating: 0, count: picture.width * picture.height)
    for result in results {
      let patch = try Image(contentsOf: result.patchPath, channels: .rgba)
      let box = result.box
      for row in 0..<box.height {
        for column in 0..<box.width {
          let source = (row * box.width + column) * 4
          guard patch.pixels[source + 3] == 255 else { continue }
          let target = (box.top + row) * picture.width + box.left + column
          filled[target] = 1
          for channel in 0..<3 {
            picture.pixels[target * 3 + channel] = patch.pixels[source + channel]
          }
        }
      }
    }
  }

  /// Writes the whole picture as PNG or JPEG, as the path's extension says.
  ///
  /// - Throws: `ImageError`, which names the path.
  func write(to path: String, jpegQuality: Int) throws {
    let hole = HoleMask(width: picture.width, height: picture.height, values: filled)
    try photograph.write(filled: picture, hole: hole, to: path, jpegQuality: jpegQuality)
  }
}
