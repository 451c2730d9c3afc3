import Images
import Running
import TensorCore

/// Where the hole of a photograph is told.
package enum HoleSource: Equatable, Sendable {
  /// A centred rectangle of half the picture's sides.
  case centre
  /// The picture's own transparent pixels: alpha below 128.
  case transparency
  /// The pixels of a colour, each channel at most `tolerance` away from it.
  case color(red: UInt8, green: UInt8, blue: UInt8, tolerance: Int)
  /// A picture of the hole, white = hole, or a folder of them by the photographs' names.
  case drawing(String)

  /// Reads what the user wrote: `center`, `alpha`, `#rrggbb`, or else a path; nil for a `#` that no
  /// colour follows.
  ///
  /// - Parameters:
  ///   - text: What the user wrote.
  ///   - tolerance: How far a pixel may be from the colour, in grey levels.
  package init?(_ text: String, tolerance: Int = 0) {
    switch text {
    case "center", "centre": self = .centre
    case "alpha": self = .transparency
    case let text where text.hasPrefix("#"):
      guard text.utf8.count == 7, let value = UInt32(text.dropFirst(), radix: 16) else {
        return nil
      }
      self = .color(
        red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF),
        tolerance: tolerance)
    default: self = .drawing(text)
    }
  }

  /// The hole of a picture.
  ///
  /// - Parameters:
  ///   - original: The picture with the channels of its file.
  ///   - name: Names the picture in errors.
  ///   - prepared: What is done to the picture before it is filled; a drawing of the original's size
  ///     goes the same way.
  /// - Returns: The hole of the prepared picture.
  /// - Throws: `RunError` or `ImageError` where no hole is marked, or the drawing does not fit.
  func hole(of original: Image, name: String, prepared: (Image) -> Image) throws -> HoleMask {
    switch self {
    case .centre:
      return try centredHole(of: prepared(original), name: name)
    case .transparency:
      guard let alpha = original.alpha() else {
        throw RunError(
          .badData,
          "\(name): has no transparent pixels, so that --mask alpha marks no hole; "
            + "give a picture of the hole")
      }
      let drawing = prepared(alpha.mappedPixels { $0 < 128 ? 255 : 0 })
      return try hole(drawing, name: name, none: "has no pixel with an alpha below 128")
    case .color(let red, let green, let blue, let tolerance):
      let key = [Int(red), Int(green), Int(blue)]
      let picture = original.convertedToRGB()
      var drawing = Image(width: picture.width, height: picture.height, channels: 1)
      for pixel in drawing.pixels.indices
      where (0..<3).allSatisfy({
        abs(Int(picture.pixels[pixel * 3 + $0]) - key[$0]) <= tolerance
      }) {
        drawing.pixels[pixel] = 255
      }
      return try hole(
        prepared(drawing), name: name,
        none: "has no pixel of the colour that --mask names; JPEG changes colours: try --tolerance")
    case .drawing(let path):
      return try drawnHole(path, of: original, prepared: prepared)
    }
  }

  private func centredHole(of picture: Image, name: String) throws -> HoleMask {
    guard min(picture.width, picture.height) >= 2 else {
      throw RunError(
        .badData, "\(name): \(picture.width)x\(picture.height) is too small for a hole")
    }
    var random = CounterBasedRandom(seed: 0, purpose: .mask)
    return RectangleMask.centre.mask(
      for: MaskSubject(width: picture.width, height: picture.height), using: &random)
  }

  private func drawnHole(
    _ path: String, of original: Image, prepared: (Image) -> Image
  ) throws -> HoleMask {
    var drawing = try Image(contentsOf: path, channels: .grey)
    let picture = prepared(original)
    if drawing.width == original.width, drawing.height == original.height {
      drawing = prepared(drawing)
    }
    guard drawing.width == picture.width, drawing.height == picture.height else {
      throw RunError(
        .badData,
        "\(path): the mask is \(drawing.width)x\(drawing.height), the picture "
          + "\(original.width)x\(original.height); a mask has its picture's size")
    }
    return try HoleMask(
      drawing: drawing, name: path, width: picture.width, height: picture.height)
  }

  private func hole(_ drawing: Image, name: String, none: String) throws -> HoleMask {
    let values = drawing.pixels.map { UInt8($0 >= 128 ? 1 : 0) }
    guard values.contains(1) else { throw RunError(.badData, "\(name): \(none)") }
    return HoleMask(width: drawing.width, height: drawing.height, values: values)
  }
}

extension Image {
  fileprivate func mappedPixels(_ transform: (UInt8) -> UInt8) -> Image {
    Image(width: width, height: height, channels: channels, pixels: pixels.map(transform))
  }
}
