import CColorManagement
import CImageCodecs

/// What a picture's values mean as colours, where they are not sRGB: an ICC profile.
package struct ColorProfile: Hashable, Sendable {
  /// The channels that a profile describes.
  package enum Colors: Int32, Sendable {
    case grey = 1
    case rgb = 3
    /// Four inks, 255 = no ink.
    case invertedCMYK = 4
  }

  /// The profile as files hold it.
  package let bytes: [UInt8]
  /// The channels that it describes.
  package let colors: Colors

  /// Wraps a profile; nil where Little CMS cannot read it, or it describes other channels.
  package init?(_ bytes: [UInt8]) {
    guard let colors = Colors(rawValue: ccolor_profile_colours(bytes, bytes.count)) else {
      return nil
    }
    (self.bytes, self.colors) = (bytes, colors)
  }

  /// Makes an RGB profile.
  ///
  /// - Parameters:
  ///   - gamma: The power that values are raised to for light; nil for sRGB's curve.
  ///   - chromaticities: x and y of white, red, green and blue.
  package init?(gamma: Double?, chromaticities: [Double] = ColorProfile.sRGBChromaticities) {
    precondition(chromaticities.count == 8, "x and y of white, red, green and blue")
    var count = 1 << 16
    var bytes = [UInt8](repeating: 0, count: count)
    guard ccolor_profile_make(gamma ?? 0, chromaticities, &bytes, &count) == 0 else { return nil }
    self.init(Array(bytes[..<count]))
  }

  /// White, red, green and blue of sRGB.
  package static let sRGBChromaticities = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06]

  /// The profile that a picture's file holds or describes; nil for sRGB, and for pictures that say
  /// nothing or hold a profile that cannot be used.
  ///
  /// In a PNG, `cICP` goes before `iCCP`, that before `sRGB`, and that before `gAMA` and `cHRM`.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - format: Its format.
  package init?(of bytes: [UInt8], format: ImageFormat) {
    switch format {
    case .jpeg:
      guard let profile = JPEGSegments(of: bytes).profile else { return nil }
      self.init(profile)
    case .png:
      self.init(ofPNG: PNGChunk.all(of: bytes))
    case .webp:
      guard let profile = RIFFChunks(of: bytes).contents(of: "ICCP") else { return nil }
      self.init(Array(profile))
    case .tiff:
      guard let profile = embeddedTIFFProfile(bytes) else { return nil }
      self.init(profile)
    }
  }

  private init?(ofPNG chunks: [PNGChunk]) {
    func contents(_ type: String) -> ArraySlice<UInt8>? {
      chunks.first { $0.type == type }?.contents
    }
    if let code = contents("cICP"), let described = CodedColors(Array(code)) {
      guard let profile = described.profile else { return nil }
      self = profile
      return
    }
    if let chunk = chunks.first(where: { $0.type == "iCCP" }), let rest = chunk.keyword?.rest,
      rest.first == 0, let profile = inflated(rest.dropFirst()),
      let profile = ColorProfile(profile)
    {
      self = profile
      return
    }
    guard contents("sRGB") == nil else { return nil }
    let numbers = (contents("gAMA").map(Array.init) ?? []).bigEndianNumbers
    let chromaticities = (contents("cHRM").map(Array.init) ?? []).bigEndianNumbers
      .map { Double($0) / 100_000 }
    let gamma = numbers.first.map { Double($0) / 100_000 }
    guard gamma != nil || chromaticities.count == 8 else { return nil }
    // 0.45455, as written with sRGB, stands for its curve.
    let isCurveOfSRGB = gamma.map { (0.44...0.465).contains($0) } ?? true
    let places = chromaticities.count == 8 ? chromaticities : Self.sRGBChromaticities
    let isPlaceOfSRGB = zip(places, Self.sRGBChromaticities).allSatisfy { abs($0 - $1) < 0.002 }
    guard gamma != 0, !(isCurveOfSRGB && isPlaceOfSRGB) else { return nil }
    self.init(gamma: isCurveOfSRGB ? nil : gamma.map { 1 / $0 }, chromaticities: places)
  }
}

/// Colours by the numbers of ITU-T H.273, as far as they describe pictures for screens.
private struct CodedColors {
  /// The profile; nil for sRGB.
  let profile: ColorProfile?

  /// Reads primaries, transfer, matrix and range; nil for numbers that are not known here.
  init?(_ code: [UInt8]) {
    let primaries: [UInt8: [Double]] = [
      1: ColorProfile.sRGBChromaticities,
      9: [0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046],
      12: [0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060],
    ]
    let gammas: [UInt8: Double?] = [13: nil, 4: 2.2, 5: 2.8, 8: 1]
    guard code.count == 4, code[2] == 0, code[3] == 1, let places = primaries[code[0]],
      let gamma = gammas[code[1]]
    else { return nil }
    profile =
      code[0] == 1 && code[1] == 13 ? nil : ColorProfile(gamma: gamma, chromaticities: places)
  }
}

/// The profile in a TIFF's first directory, or nil.
func embeddedTIFFProfile(_ bytes: [UInt8]) -> [UInt8]? {
  var header = cimg_tiff_header()
  var message = [CChar](repeating: 0, count: Int(CIMG_MESSAGE_BYTES))
  guard cimg_tiff_header_read(bytes, bytes.count, &header, &message) == CIMG_OK,
    header.profile_bytes > 0, header.profile_bytes <= bytes.count
  else { return nil }
  var profile = [UInt8](repeating: 0, count: header.profile_bytes)
  guard cimg_tiff_profile(bytes, bytes.count, &header, &profile, &message) == CIMG_OK else {
    return nil
  }
  return profile
}

extension [UInt8] {
  /// The bytes in fours, as big-endian numbers.
  fileprivate var bigEndianNumbers: [UInt32] {
    Swift.stride(from: 0, to: count - 3, by: 4).compactMap { bigEndian32(at: $0) }
  }
}
