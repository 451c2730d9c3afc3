import Foundation
package import Images
package import Models
import TensorCore

/// Fills the hole of one picture of any size.
package struct PictureFiller {
  private let generator: Generator

  /// Fills with a generator.
  package init(_ generator: Generator) { self.generator = generator }

  /// The picture with its hole filled; known pixels stay as they are, bit for bit.
  ///
  /// The generator works on multiples of 4 pixels: the edges are repeated up to the next one.
  ///
  /// - Precondition: Three channels; the hole has the picture's size.
  package func fill(_ picture: Image, hole: HoleMask) -> Image {
    precondition(
      picture.channels == 3 && picture.width == hole.width && picture.height == hole.height,
      "a hole of \(hole.width)x\(hole.height) for \(picture.width)x\(picture.height)")
    let (width, height) = ((picture.width + 3) / 4 * 4, (picture.height + 3) / 4 * 4)
    let padded = picture.extended(toWidth: width, height: height)
    var holes = Tensor(repeating: 0, shape: [1, 1, height, width])
    holes.withUnsafeMutableFloats { values in
      for row in 0..<hole.height {
        for column in 0..<hole.width {
          values[row * width + column] = Float(hole.values[row * hole.width + column])
        }
      }
    }
    let composite = generator.fill(images: Tensor(pictures: [padded]), holes: holes).composite
    let filled = composite.pictures[0].cropped(to: picture.bounds)
    var result = picture
    for index in hole.values.indices where hole.values[index] == 1 {
      for channel in 0..<3 {
        result.pixels[index * 3 + channel] = filled.pixels[index * 3 + channel]
      }
    }
    return result
  }
}

extension Image {
  /// The picture with its last row and column repeated to a larger size.
  fileprivate func extended(toWidth newWidth: Int, height newHeight: Int) -> Image {
    guard newWidth != width || newHeight != height else { return self }
    var result = Image(width: newWidth, height: newHeight, channels: channels)
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let source = (min(row, height - 1) * width + min(column, width - 1)) * channels
        let target = (row * newWidth + column) * channels
        for channel in 0..<channels { result.pixels[target + channel] = pixels[source + channel] }
      }
    }
    return result
  }
}
