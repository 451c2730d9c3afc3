import HTTPService
import Images
import TensorCore

/// The hole that a mask's file marks in a picture, by the rules of `inpaint fill --mask FILE`, and
/// forgiving where those would refuse.
///
/// White marks the hole. In a file without white, such as a cut-out, what is transparent marks it.
/// Another size of the same proportions is resized.
///
/// - Throws: `HTTPProblem` where the proportions differ; `ImageError` where nothing is marked.
func holeMask(
  ofFile bytes: [UInt8], name: String, width: Int, height: Int
) throws -> HoleMask {
  // The size is told before any pixel is decoded.
  _ = try ImageHeader(of: bytes, name: name, pixelLimit: StudioLimits.picturePixels)
  let stored = try Image(
    decoding: bytes, name: name, channels: .asStored, pixelLimit: StudioLimits.picturePixels)
  let proportions = Double(stored.width) * Double(height) / (Double(stored.height) * Double(width))
  // A mask that was made smaller has rounded sides.
  let slack = max(0.01, 1 / Double(min(stored.width, stored.height)))
  guard abs(proportions - 1) <= slack else {
    throw HTTPProblem(
      .unprocessableContent,
      "The mask is \(stored.width)x\(stored.height), the picture \(width)x\(height); "
        + "a mask has its picture's size or proportions.")
  }
  return try HoleMask(
    drawing: drawing(of: stored), name: name, width: width, height: height)
}

private func drawing(of stored: Image) -> Image {
  let grey = stored.convertedToGrey()
  guard stored.channels == 4 else { return grey }
  let alpha = stride(from: 3, to: stored.pixels.count, by: 4).map { stored.pixels[$0] }
  guard alpha.contains(where: { $0 < 128 }) else { return grey }
  // What shows white is marked; a transparent pixel shows nothing, whatever its colour.
  let shown = zip(grey.pixels, alpha).map { $0 >= 128 && $1 >= 128 ? UInt8(255) : 0 }
  let values = shown.contains(255) ? shown : alpha.map { $0 < 128 ? 255 : 0 }
  return Image(width: stored.width, height: stored.height, channels: 1, pixels: values)
}

/// The hole over a part of a face.
func holeMask(of part: FacePartMask.Part, in picture: StudioPicture) -> HoleMask {
  var random = CounterBasedRandom(seed: 0, purpose: .mask)
  return FacePartMask([part], scale: 1.15...1.15).mask(
    for: MaskSubject(
      width: picture.width, height: picture.height, landmarks: picture.landmarks),
    using: &random)
}
