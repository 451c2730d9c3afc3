/// The TIFF directory that EXIF data are, as far as the picture's position is concerned.
struct ExifBlock {
  /// The block itself, from its byte order on.
  private(set) var bytes: [UInt8]
  private let isLittleEndian: Bool

  private static let orientationTag = 0x0112

  /// Finds the block in what a file stores; nil where there is none.
  ///
  /// `Exif` and two zeros may stand in front of it, once or several times.
  init?(_ stored: some Collection<UInt8>) {
    var rest = Array(stored)[...]
    while rest.starts(with: JPEGSegments.exifSignature) {
      rest = rest.dropFirst(JPEGSegments.exifSignature.count)
    }
    switch Array(rest.prefix(4)) {
    case [0x49, 0x49, 0x2A, 0]: isLittleEndian = true
    case [0x4D, 0x4D, 0, 0x2A]: isLittleEndian = false
    default: return nil
    }
    bytes = Array(rest)
  }

  /// The orientation; nil where none, or an invalid one, is stored.
  var orientation: ExifOrientation? {
    valueOfOrientation.flatMap { UInt16(exactly: $0.value) }.flatMap(ExifOrientation.init)
  }

  /// Says that the picture stands upright, and forgets the thumbnail, which shows it as it was.
  mutating func resetForUprightPicture() {
    if let (_, range) = valueOfOrientation {
      for index in range { bytes[index] = 0 }
      bytes[isLittleEndian ? range.lowerBound : range.upperBound - 1] = 1
    }
    guard let directory = number(at: 4, byteCount: 4),
      let entries = number(at: directory, byteCount: 2)
    else { return }
    let next = directory + 2 + 12 * entries
    guard next + 4 <= bytes.count else { return }
    for index in next..<next + 4 { bytes[index] = 0 }
  }

  /// The number and where it stands; it may be stored in one, two or four bytes.
  private var valueOfOrientation: (value: Int, range: Range<Int>)? {
    guard let directory = number(at: 4, byteCount: 4),
      let entries = number(at: directory, byteCount: 2)
    else { return nil }
    for entry in 0..<entries {
      let position = directory + 2 + 12 * entry
      guard let tag = number(at: position, byteCount: 2) else { return nil }
      guard tag == Self.orientationTag else { continue }
      let sizes = [1: 1, 3: 2, 4: 4]
      guard let type = number(at: position + 2, byteCount: 2), let size = sizes[type],
        let value = number(at: position + 8, byteCount: size)
      else { return nil }
      return (value, position + 8..<position + 8 + size)
    }
    return nil
  }

  private func number(at offset: Int, byteCount: Int) -> Int? {
    guard offset >= 0, offset + byteCount <= bytes.count else { return nil }
    let digits = bytes[offset..<offset + byteCount]
    return isLittleEndian
      ? digits.reversed().reduce(0) { $0 << 8 | Int($1) }
      : digits.reduce(0) { $0 << 8 | Int($1) }
  }
}
