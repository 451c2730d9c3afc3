extension Image {
  /// The picture with three channels: grey is repeated, alpha dropped.
  package func convertedToRGB() -> Image {
    switch channels {
    case 3: self
    case 1: mapped(toChannels: 3) { ($0[0], $0[0], $0[0], 0) }
    default: mapped(toChannels: 3) { ($0[0], $0[1], $0[2], 0) }
    }
  }

  /// The picture with an alpha channel, opaque where it had none.
  package func convertedToRGBA() -> Image {
    switch channels {
    case 4: self
    case 1: mapped(toChannels: 4) { ($0[0], $0[0], $0[0], 255) }
    default: mapped(toChannels: 4) { ($0[0], $0[1], $0[2], 255) }
    }
  }

  /// The picture's brightness, one channel: (299 R + 587 G + 114 B) / 1000 in 16-bit fixed point.
  ///
  /// Equal to Pillow's `convert("L")`.
  package func convertedToGrey() -> Image {
    if channels == 1 { return self }
    return mapped(toChannels: 1) {
      let sum = UInt32($0[0]) * 19595 + UInt32($0[1]) * 38470 + UInt32($0[2]) * 7471
      return (UInt8((sum + 0x8000) >> 16), 0, 0, 0)
    }
  }

  /// The alpha channel as a grey picture, or nil where there is none.
  package func alpha() -> Image? {
    channels == 4 ? mapped(toChannels: 1) { ($0[3], 0, 0, 0) } : nil
  }

  /// Grey and alpha, interleaved, as RGB and alpha.
  init(greyAlpha pairs: [UInt8], width: Int, height: Int) {
    self.init(width: width, height: height, channels: 4, filledWith: 0)
    for pixel in 0..<width * height {
      let (grey, alpha) = (pairs[2 * pixel], pairs[2 * pixel + 1])
      for channel in 0..<3 { pixels[4 * pixel + channel] = grey }
      pixels[4 * pixel + 3] = alpha
    }
  }

  /// Inks, 255 = none, as RGB: each colour is what cyan, magenta or yellow and then black let pass.
  ///
  /// Equal to Pillow's `convert("RGB")`.
  init(invertedCMYK inks: [UInt8], width: Int, height: Int) {
    let image = Image(width: width, height: height, channels: 4, pixels: inks)
    self = image.mapped(toChannels: 3) {
      let light = UInt32($0[3])
      func color(_ ink: UInt8) -> UInt8 {
        // What is lost, rounded as the exact quotient by 255 would be.
        let product = UInt32(255 - ink) * light + 128
        return UInt8(light - ((product + (product >> 8)) >> 8))
      }
      return (color($0[0]), color($0[1]), color($0[2]), 0)
    }
  }

  /// Computes each pixel of a picture with other channels; of the four results the first are taken.
  private func mapped(
    toChannels outputChannels: Int,
    _ transform: (UnsafePointer<UInt8>) -> (UInt8, UInt8, UInt8, UInt8)
  ) -> Image {
    let count = width * height
    let output = [UInt8](unsafeUninitializedCapacity: count * outputChannels) { buffer, size in
      pixels.withUnsafeBufferPointer { input in
        guard let base = input.baseAddress else { return }
        for pixel in 0..<count {
          let values = transform(base + pixel * channels)
          let start = pixel * outputChannels
          buffer[start] = values.0
          if outputChannels > 1 {
            buffer[start + 1] = values.1
            buffer[start + 2] = values.2
          }
          if outputChannels > 3 { buffer[start + 3] = values.3 }
        }
      }
      size = count * outputChannels
    }
    return Image(width: width, height: height, channels: outputChannels, pixels: output)
  }
}
