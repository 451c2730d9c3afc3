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
  ///   - isLossy: Whether its format changes colours.
  ///   - preparation: What is done to the picture before it is filled; a drawing of the original's
  ///     size goes the same way.
  /// - Returns: The hole of the prepared picture.
  /// - Throws: `RunError` or `ImageError` where no hole is marked, or the drawing does not fit.
  func hole(
    of original: Image, name: String, isLossy: Bool, preparation: PhotographPreparation
  ) throws -> HoleMask {
    switch self {
    case .centre:
      return try centredHole(of: preparation.applied(to: original), name: name)
    case .transparency:
      guard let alpha = original.alpha() else {
        throw RunError(
          .badData,
          "\(name): has no transparent pixels, so that --mask alpha marks no hole; "
            + "give a picture of the hole")
      }
      return try hole(
        alpha.mappedPixels { $0 < 128 ? 255 : 0 }, name: name, preparation,
        none: "has no pixel with an alpha below 128")
    case .color(let red, let green, let blue, let tolerance):
      let picture = original.convertedToRGB()
      let key = [Int(red), Int(green), Int(blue)]
      let drawing = picture.pixels(near: key, tolerance: tolerance)
      if isLossy, tolerance == 0 {
        try checkColorKey(key, in: picture, marked: drawing, name: name)
      }
      return try hole(
        drawing, name: name, preparation,
        none: "has no pixel of the colour that --mask names; JPEG changes colours: try --tolerance")
    case .drawing(let path):
      return try drawnHole(path, of: original, preparation)
    }
  }

  /// Refuses a colour that leaves out much of what was painted with it, because the format has changed
  /// colours.
  private func checkColorKey(_ key: [Int], in picture: Image, marked: Image, name: String) throws {
    let count = marked.markedCount
    let nearby = 48
    let all = picture.pixels(near: key, tolerance: nearby).markedCount
    // At soft edges of strokes, some pixels are between two colours.
    guard count > 0, all > count + count / 4 else { return }
    let enough = stride(from: 4, through: nearby, by: 4).first {
      picture.pixels(near: key, tolerance: $0).markedCount * 10 >= all * 9
    }
    throw RunError(
      .badData,
      "\(name): \(count) pixels have the colour that --mask names, and \(all - count) others nearly: "
        + "JPEG and WebP change colours; give --tolerance \(enough ?? nearby), or a picture of the hole"
    )
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
    _ path: String, of original: Image, _ preparation: PhotographPreparation
  ) throws -> HoleMask {
    var drawing = try Image(maskContentsOf: path)
    let picture = preparation.applied(to: original)
    if drawing.width == original.width, drawing.height == original.height {
      guard drawing.markedCount > 0 else { throw ImageError(path, .noHole) }
      drawing = preparation.applied(to: drawing)
      guard drawing.markedCount > 0 else {
        throw RunError(.badData, "\(path): \(Self.lost)")
      }
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

  private func hole(
    _ drawing: Image, name: String, _ preparation: PhotographPreparation, none: String
  ) throws -> HoleMask {
    guard drawing.markedCount > 0 else { throw RunError(.badData, "\(name): \(none)") }
    let prepared = preparation.applied(to: drawing)
    guard prepared.markedCount > 0 else { throw RunError(.badData, "\(name): \(Self.lost)") }
    return HoleMask(
      width: prepared.width, height: prepared.height,
      values: prepared.pixels.map { $0 >= 128 ? 1 : 0 })
  }

  private static let lost =
    "nothing is left of the hole after --crop and --side; mark a larger hole, or leave them out"
}

extension Image {
  fileprivate func mappedPixels(_ transform: (UInt8) -> UInt8) -> Image {
    Image(width: width, height: height, channels: channels, pixels: pixels.map(transform))
  }

  /// Pixels that count as white.
  fileprivate var markedCount: Int { pixels.count { $0 >= 128 } }

  /// One channel, white where each channel is at most `tolerance` away from a colour.
  fileprivate func pixels(near key: [Int], tolerance: Int) -> Image {
    var drawing = Image(width: width, height: height, channels: 1)
    for pixel in drawing.pixels.indices
    where (0..<3).allSatisfy({ abs(Int(pixels[pixel * 3 + $0]) - key[$0]) <= tolerance }) {
      drawing.pixels[pixel] = 255
    }
    return drawing
  }
}
