package import Images

/// A photograph as its file has it, so that what is known can be written back unchanged.
///
/// Networks see sRGB. What they paint is turned into the photograph's own colours and depth, so that
/// known values and what they mean stay as they are: the colour profile, EXIF data, resolution and
/// texts go into the result.
package struct Photograph: Sendable {
  /// Eight bits, upright, in its own colours, with the channels of the file (1, 3 or 4).
  package let picture: Image
  /// The samples of a file with 16 bits a channel.
  private let deep: DeepImage?
  /// What the values mean; nil for sRGB.
  private let profile: ColorProfile?
  /// Whether the file has grey values; grey with alpha is decoded to four channels.
  private let isGrey: Bool
  /// Whether the file's format changes colours.
  let isLossy: Bool
  private let metadata: PictureMetadata

  /// Reads a picture, turned upright.
  ///
  /// - Throws: `ImageError`, which names the path.
  package init(contentsOf path: String) throws(ImageError) {
    let bytes = try imageFileContents(path)
    let header = try ImageHeader(of: bytes, name: path)
    var metadata = PictureMetadata(of: bytes, format: header.format)
    let profile = ColorProfile(of: bytes, format: header.format)
    // Inks are not written: such a picture becomes sRGB.
    let isInk = header.layout == .invertedCMYK
    picture = try Image(
      decoding: bytes, name: path, channels: .asStored, colors: isInk ? .sRGB : .asStored)
    deep = try DeepImage(decoding: bytes, name: path)
    if isInk { metadata.becomeSRGB() }
    isLossy = header.format == .jpeg || header.format == .webp
    isGrey = header.layout == .grey || header.layout == .greyAlpha
    self.profile = isInk ? nil : profile
    self.metadata = metadata
  }

  private init(_ picture: Image, _ deep: DeepImage?, like other: Photograph) {
    (self.picture, self.deep) = (picture, deep)
    (profile, isGrey, isLossy) = (other.profile, other.isGrey, other.isLossy)
    metadata = other.metadata
  }

  /// The photograph after it was cut or resized, with its depth.
  func prepared(_ preparation: PhotographPreparation) -> Photograph {
    Photograph(preparation.applied(to: picture), deep.map(preparation.applied(to:)), like: self)
  }

  /// What a network sees: sRGB, three channels.
  package var seen: Image {
    if let deep { return deep.convertedToSRGB(from: profile) }
    guard let profile else { return picture.convertedToRGB() }
    let isGreyAlpha = isGrey && picture.channels == 4
    let converted =
      isGreyAlpha
      ? picture.greyAlphaConvertedToSRGB(from: profile) : picture.convertedToSRGB(from: profile)
    return converted.convertedToRGB()
  }

  /// Whether there are pixels that are not opaque.
  var isTransparent: Bool { picture.alpha()?.pixels.contains { $0 < 255 } ?? false }

  /// Writes the photograph with its hole filled.
  ///
  /// A PNG keeps channels, depth and every known value; a JPEG has eight bits and no alpha. Pixels of
  /// the hole are opaque.
  ///
  /// - Parameters:
  ///   - filled: The filled picture, sRGB, three channels.
  ///   - hole: Which of its pixels to take.
  ///   - path: The file to write.
  ///   - jpegQuality: 1...100, for a JPEG.
  /// - Throws: `ImageError`, which names the path.
  package func write(
    filled: Image, hole: HoleMask, to path: String, jpegQuality: Int = 95
  ) throws(ImageError) {
    let places = hole.values.indices.filter { hole.values[$0] == 1 }
    let painted = Image(
      width: places.count, height: 1,
      pixels: places.flatMap { filled.pixels[3 * $0..<3 * $0 + 3] })
    if var deep, ImageFormat(extensionOf: path) == .png {
      let colors: ColorProfile.Colors = deep.channels < 3 ? .grey : .rgb
      let values = painted.values(in: profile, colors: colors, as: UInt16.self)
      paint(values, colors, at: places, channels: deep.channels, into: &deep.samples)
      return try deep.writePNG(to: path, metadata: metadata)
    }
    var result = picture
    let colors: ColorProfile.Colors = isGrey ? .grey : .rgb
    let values = painted.values(in: profile, colors: colors, as: UInt8.self)
    paint(values, colors, at: places, channels: result.channels, into: &result.pixels)
    try result.write(to: path, metadata: metadata, jpegQuality: jpegQuality)
  }

  /// Puts values into the pixels of a hole, opaque where there is alpha.
  private func paint<Value: FixedWidthInteger>(
    _ values: [Value], _ colors: ColorProfile.Colors, at places: [Int], channels: Int,
    into pixels: inout [Value]
  ) {
    let hasAlpha = channels.isMultiple(of: 2)
    for (number, place) in places.enumerated() {
      for channel in 0..<channels - (hasAlpha ? 1 : 0) {
        pixels[place * channels + channel] =
          colors == .grey ? values[number] : values[3 * number + channel]
      }
      if hasAlpha { pixels[place * channels + channels - 1] = .max }
    }
  }
}

/// What is done to a photograph before it is filled.
struct PhotographPreparation {
  /// Side of the centred square that is cut out first; 0 takes the whole picture.
  let crop: Int
  /// Side that it is resized to; 0 leaves its size.
  let side: Int

  /// The picture after that.
  func applied(to picture: Image) -> Image {
    let square = crop > 0 ? picture.centreSquare(maximumSide: crop) : picture
    return side > 0 ? square.resized(width: side, height: side) : square
  }

  /// The picture with 16 bits a channel after that.
  func applied(to picture: DeepImage) -> DeepImage {
    let square = crop > 0 ? picture.centreSquare(maximumSide: crop) : picture
    return side > 0 ? square.resized(width: side, height: side) : square
  }
}
