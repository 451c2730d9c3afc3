/// A file format of pictures.
package enum ImageFormat: String, CaseIterable, Sendable {
  case png
  case jpeg

  /// The format's name as people write it.
  package var title: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
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
    } else {
      return nil
    }
  }

  /// The format that a file name's extension asks for (.png, .jpg, .jpeg in either case), or nil.
  package init?(extensionOf path: String) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpeg
    default: return nil
    }
  }
}

/// The eight bytes that every PNG begins with.
let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
