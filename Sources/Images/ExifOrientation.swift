/// How a camera was held: what must be done to the stored pixels so that the picture stands
/// upright.
///
/// Raw values are those of the EXIF tag 0x0112.
package enum ExifOrientation: UInt16, CaseIterable, Sendable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  case transposed = 5
  case turnRight = 6
  case antiTransposed = 7
  case turnLeft = 8

  /// Reads the orientation of a JPEG, `upright` where none or an invalid one is stored.
  ///
  /// - Parameter jpeg: The whole file, or at least all that stands before the image data.
  package init(ofJPEG jpeg: [UInt8]) {
    self =
      exifBlock(ofJPEG: jpeg)
      .flatMap { TIFFBlock(bytes: jpeg[$0])?.firstDirectoryValue(tag: 0x0112) }
      .flatMap(ExifOrientation.init(rawValue:)) ?? .upright
  }

  /// Reads the orientation of a PNG's eXIf chunk, `upright` where none or an invalid one is stored.
  ///
  /// - Parameter png: The whole file.
  package init(ofPNG png: [UInt8]) {
    self =
      pngChunk("eXIf", in: png)
      .flatMap { TIFFBlock(bytes: png[$0])?.firstDirectoryValue(tag: 0x0112) }
      .flatMap(ExifOrientation.init(rawValue:)) ?? .upright
  }

  /// Whether width and height change places.
  package var swapsSides: Bool { rawValue >= ExifOrientation.transposed.rawValue }
}

/// Where the TIFF block of a JPEG's EXIF segment lies, or nil.
private func exifBlock(ofJPEG bytes: [UInt8]) -> Range<Int>? {
  let signature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
  var position = 2
  while position + 4 <= bytes.count, bytes[position] == 0xFF {
    let marker = bytes[position + 1]
    if marker == 0xFF {
      position += 1
      continue
    }
    let startOfScan: UInt8 = 0xDA
    if marker == startOfScan { return nil }
    let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
    let end = position + 2 + length
    guard length >= 2, end <= bytes.count else { return nil }
    if marker == 0xE1, bytes[position + 4..<end].starts(with: signature) {
      return position + 4 + signature.count..<end
    }
    position = end
  }
  return nil
}

/// The part of TIFF that is needed to look up a number in the first directory.
private struct TIFFBlock {
  private let bytes: ArraySlice<UInt8>
  private let isLittleEndian: Bool

  init?(bytes: ArraySlice<UInt8>) {
    switch bytes.prefix(4) {
    case [0x49, 0x49, 0x2A, 0]: isLittleEndian = true
    case [0x4D, 0x4D, 0, 0x2A]: isLittleEndian = false
    default: return nil
    }
    self.bytes = bytes
  }

  /// The 16-bit value of a tag in the first directory, or nil.
  func firstDirectoryValue(tag: UInt16) -> UInt16? {
    guard let directory = number(at: 4, byteCount: 4),
      let entries = number(at: directory, byteCount: 2)
    else { return nil }
    for entry in 0..<entries {
      let position = directory + 2 + 12 * entry
      guard let found = number(at: position, byteCount: 2) else { return nil }
      let sixteenBits = 3
      if found == Int(tag), number(at: position + 2, byteCount: 2) == sixteenBits {
        return number(at: position + 8, byteCount: 2).map { UInt16($0) }
      }
    }
    return nil
  }

  private func number(at offset: Int, byteCount: Int) -> Int? {
    let start = bytes.startIndex + offset
    guard start + byteCount <= bytes.endIndex else { return nil }
    let digits = bytes[start..<start + byteCount]
    return isLittleEndian
      ? digits.reversed().reduce(0) { $0 << 8 | Int($1) }
      : digits.reduce(0) { $0 << 8 | Int($1) }
  }
}
