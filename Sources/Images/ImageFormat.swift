/// A file format of pictures that is read; PNG and JPEG are written, too.
package enum ImageFormat: String, CaseIterable, Sendable {
  case png
  case jpeg
  case webp
  case tiff

  /// The formats that pictures are written in.
  package static let written: [ImageFormat] = [.png, .jpeg]

  /// The format's name as people write it.
  package var title: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .webp: "WebP"
    case .tiff: "TIFF"
    }
  }

  /// The format that the first bytes of a file show, or nil.
  ///
  /// The signature decides, never the file's name.
  package init?(signatureOf bytes: some Sequence<UInt8>) {
    if bytes.starts(with: pngSignature) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webp
    } else if [
      [0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B],
    ]
    .contains(where: { bytes.starts(with: $0) }) {
      self = .tiff
    } else {
      return nil
    }
  }

  /// The format that the name of a file to write asks for (.png, .jpg, .jpeg in either case), or nil.
  package init?(extensionOf path: String) {
    switch fileExtension(of: path) {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpeg
    default: return nil
    }
  }
}

/// What follows the last dot of a file's name, in lower case; empty without a dot.
func fileExtension(of path: String) -> String {
  let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
  return name[name.index(after: dot)...].lowercased()
}

/// The eight bytes that every PNG begins with.
let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
