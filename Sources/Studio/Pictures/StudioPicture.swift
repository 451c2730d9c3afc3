import Images

/// A photograph that was opened.
struct StudioPicture: Sendable {
  /// Names it in addresses; nobody guesses it.
  let id: String
  /// The file's name, for people.
  let name: String
  /// Where its bytes are kept, as they came.
  let path: String
  /// A file that browsers show as `path` is read here: upright, with eight bits.
  let view: (path: String, type: String)
  /// Columns and rows, upright.
  let width, height: Int
  /// PNG or JPEG.
  let format: ImageFormat
  /// Bits of a channel.
  let bits: Int
  /// Channels: 1, 3 or 4.
  let channels: Int
  /// Bytes on disk.
  let bytes: Int
  /// Where the face's parts are; nil where nobody knows.
  let landmarks: FaceLandmarks?

  /// What programs are told of it.
  struct Description: Encodable {
    let id, name, format: String
    let width, height, bits, channels: Int
    let parts: [String]
  }

  var description: Description {
    Description(
      id: id, name: name, format: format.rawValue, width: width, height: height, bits: bits,
      channels: channels,
      parts: landmarks == nil ? [] : FacePartMask.Part.allCases.map(\.pathName))
  }

  /// Whether a picture is taken for an aligned face: it has the proportions of CelebA's pictures, or of
  /// the square that is cut out of them.
  static func isAligned(width: Int, height: Int) -> Bool {
    let proportions = Double(width) / Double(height)
    return abs(proportions - 1) < 0.01 || abs(proportions - 178.0 / 218) < 0.01
  }
}

extension FacePartMask.Part {
  /// The part in an address, such as `left_eye`.
  var pathName: String {
    rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
  }

  init?(pathName: String) {
    guard let part = Self.allCases.first(where: { $0.pathName == pathName }) else { return nil }
    self = part
  }
}
