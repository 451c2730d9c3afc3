import CImageCodecs

extension Image {
  /// The picture as a PNG file's bytes; decoding gives the same pixels back.
  ///
  /// - Parameter name: Names the picture in errors.
  /// - Returns: The bytes of a file.
  /// - Throws: `ImageError` when libpng refuses (sides beyond its limit, or no memory).
  package func encodedAsPNG(name: String = "image") throws(ImageError) -> [UInt8] {
    let layout: ImageHeader.Layout = channels == 1 ? .grey : channels == 3 ? .rgb : .rgba
    let header = cimg_header(
      width: Int32(clamping: width), height: Int32(clamping: height), layout: layout.rawValue)
    return try encoded(.png, header: header, name: name) { pixels, header, bytes, count, message in
      cimg_png_encode(pixels, header, bytes, count, message)
    }
  }

  /// The picture as a JPEG file's bytes; alpha is dropped.
  ///
  /// - Parameters:
  ///   - quality: 1 (small) to 100 (best), as in libjpeg.
  ///   - fullChroma: Stores colour at full resolution (4:4:4), otherwise at half (4:2:0).
  ///   - name: Names the picture in errors.
  /// - Returns: The bytes of a file.
  /// - Throws: `ImageError` when a side is beyond 65,535 pixels, or memory lacks.
  package func encodedAsJPEG(
    quality: Int = 95, fullChroma: Bool = false, name: String = "image"
  ) throws(ImageError) -> [UInt8] {
    precondition((1...100).contains(quality), "a JPEG has no quality \(quality)")
    if channels == 4 {
      return try convertedToRGB().encodedAsJPEG(
        quality: quality, fullChroma: fullChroma, name: name)
    }
    let largestSide = 65_535
    if max(width, height) > largestSide {
      throw ImageError(name, .notEncodable(.jpeg, "a side is longer than \(largestSide) pixels"))
    }
    let layout: ImageHeader.Layout = channels == 1 ? .grey : .rgb
    let header = cimg_header(
      width: Int32(width), height: Int32(height), layout: layout.rawValue)
    return try encoded(.jpeg, header: header, name: name) { pixels, header, bytes, count, message in
      cimg_jpeg_encode(pixels, header, Int32(quality), fullChroma ? 1 : 0, bytes, count, message)
    }
  }

  private typealias Encoder = (
    _ pixels: UnsafePointer<UInt8>, _ header: UnsafePointer<cimg_header>,
    _ bytes: UnsafeMutablePointer<UInt8>, _ count: UnsafeMutablePointer<Int>,
    _ message: UnsafeMutablePointer<CChar>
  ) -> Int32

  private func encoded(
    _ format: ImageFormat, header: cimg_header, name: String, _ encode: Encoder
  ) throws(ImageError) -> [UInt8] {
    var header = header
    let capacity =
      format == .png ? cimg_png_encoded_bound(&header) : cimg_jpeg_encoded_bound(&header)
    guard capacity > 0, !pixels.isEmpty else {
      throw ImageError(name, .notEncodable(format, "its size is \(width) x \(height)"))
    }
    var failure: ImageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initializedCount in
      // The capacity is positive, so the address is never nil.
      let bytes = buffer.baseAddress.unsafelyUnwrapped
      var count = capacity
      do throws(ImageError) {
        try callCodec(name, format) { encode(pixels, &header, bytes, &count, $0) }
        initializedCount = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
