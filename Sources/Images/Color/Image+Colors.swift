extension Image {
  /// The picture's colours as sRGB; what has no profile is sRGB.
  ///
  /// - Parameter profile: What the values mean; a profile of other channels is not applied.
  /// - Returns: Three channels, or four with alpha.
  package func convertedToSRGB(from profile: ColorProfile?) -> Image {
    guard let profile, !profile.isNearlySRGB,
      profile.colors == (channels < 3 ? .grey : .rgb),
      let transform = ColorTransform.between(
        profile, .init(colors: profile.colors, hasAlpha: channels == 4), and: nil,
        .init(colors: .rgb, hasAlpha: channels == 4))
    else { return channels == 1 ? convertedToRGB() : self }
    let outputChannels = channels == 4 ? 4 : 3
    return Image(
      width: width, height: height, channels: outputChannels,
      pixels: transform.converted(
        pixels, pixels: width * height, channels: outputChannels, as: UInt8.self))
  }

  /// The same for a picture of grey and alpha that was decoded to four channels.
  package func greyAlphaConvertedToSRGB(from profile: ColorProfile) -> Image {
    guard profile.colors == .grey else { return self }
    let grey = Image(
      width: width, height: height, channels: 1,
      pixels: stride(from: 0, to: pixels.count, by: 4).map { pixels[$0] })
    var result = self
    let colors = grey.convertedToSRGB(from: profile).pixels
    for pixel in 0..<width * height {
      for channel in 0..<3 { result.pixels[4 * pixel + channel] = colors[3 * pixel + channel] }
    }
    return result
  }

  /// Inks, 255 = none, as sRGB by their profile; nil where that is not possible.
  init?(invertedCMYK inks: [UInt8], width: Int, height: Int, profile: ColorProfile) {
    guard profile.colors == .invertedCMYK,
      let transform = ColorTransform.between(
        profile, .init(colors: .invertedCMYK), and: nil, .init(colors: .rgb))
    else { return nil }
    self.init(
      width: width, height: height,
      pixels: transform.converted(inks, pixels: width * height, channels: 3, as: UInt8.self))
  }

  /// The picture's sRGB pixels as the values that a profile gives them, 8 or 16 bits a channel.
  ///
  /// - Parameters:
  ///   - profile: What the values shall mean; nil for sRGB.
  ///   - colors: Grey or RGB.
  ///   - type: `UInt8` or `UInt16`.
  /// - Returns: Interleaved values of all pixels.
  /// - Precondition: The picture has three channels.
  package func values<Value: FixedWidthInteger>(
    in profile: ColorProfile?, colors: ColorProfile.Colors, as type: Value.Type
  ) -> [Value] {
    precondition(channels == 3, "sRGB has three channels")
    let depth = Value.bitWidth / 8
    if let profile, profile.colors == colors, !profile.isNearlySRGB,
      let transform = ColorTransform.between(
        nil, .init(colors: .rgb), and: profile, .init(colors: colors, bytesPerChannel: depth))
    {
      return transform.converted(
        pixels, pixels: width * height, channels: Int(colors.rawValue), as: Value.self)
    }
    let values = colors == .grey ? convertedToGrey().pixels : pixels
    let scale: Value = depth == 1 ? 1 : 257
    return values.map { Value(truncatingIfNeeded: $0) &* scale }
  }
}

extension DeepImage {
  /// The picture's colours as sRGB with 8 bits a channel, without alpha.
  ///
  /// - Parameter profile: What the values mean; nil for sRGB.
  /// - Returns: Three channels.
  package func convertedToSRGB(from profile: ColorProfile?) -> Image {
    let hasAlpha = channels.isMultiple(of: 2)
    guard let profile, !profile.isNearlySRGB,
      profile.colors == (channels < 3 ? .grey : .rgb),
      let transform = ColorTransform.between(
        profile, .init(colors: profile.colors, hasAlpha: hasAlpha, bytesPerChannel: 2), and: nil,
        .init(colors: .rgb))
    else { return eightBits.convertedToRGB() }
    return Image(
      width: width, height: height,
      pixels: transform.converted(samples, pixels: width * height, channels: 3, as: UInt8.self))
  }

  /// The picture with every sample rounded to the nearest of 0...255; grey with alpha becomes RGB
  /// with alpha.
  package var eightBits: Image {
    let values = samples.map { UInt8((UInt32($0) * 255 + 32_767) / 65_535) }
    return channels == 2
      ? Image(greyAlpha: values, width: width, height: height)
      : Image(width: width, height: height, channels: channels, pixels: values)
  }
}
