/// Why a picture cannot be read, written or used.
package struct ImageError: Error, Equatable, Sendable {
  /// What is wrong.
  package enum Problem: Equatable, Sendable {
    /// The operating system refuses to read; its reason.
    case unreadable(String)
    /// The operating system refuses to write; its reason.
    case unwritable(String)
    /// There are no bytes.
    case empty
    /// The bytes do not begin like a picture that can be read.
    case unknownFormat
    /// The bytes begin like a picture of a format that is not read; its name.
    case foreignFormat(String)
    /// The bytes end early or contradict themselves; what was found.
    case damaged(ImageFormat, String)
    /// A variant of the format that is not supported; which.
    case unsupported(ImageFormat, String)
    /// More pixels than the limit.
    case tooLarge(width: Int, height: Int, pixelLimit: Int)
    /// More bytes than any picture within the limits.
    case fileTooLarge(bytes: Int)
    /// The name ends in neither .png nor .jpg nor .jpeg.
    case unknownExtension
    /// The format cannot hold the picture; the library's reason.
    case notEncodable(ImageFormat, String)
    /// A mask without a white pixel.
    case noHole
    /// A mask whose white pixels are so few that none is left at another size.
    case holeLost(width: Int, height: Int)
    /// A mask whose colours and whose alpha mark different holes.
    case ambiguousAlpha
  }

  /// The file, or another name by which the reader can find the picture.
  package let name: String
  /// What is wrong with it.
  package let problem: Problem

  /// Says what is wrong with the picture of this name.
  package init(_ name: String, _ problem: Problem) {
    (self.name, self.problem) = (name, problem)
  }
}

extension ImageError {
  /// True where the bytes are at fault, so that every reader meets the same error at every time.
  package var isDamage: Bool {
    switch problem {
    case .empty, .unknownFormat, .foreignFormat, .damaged, .unsupported, .tooLarge, .fileTooLarge:
      true
    default: false
    }
  }
}

extension ImageError: CustomStringConvertible {
  /// One line: the picture's name, what is wrong and what to do.
  package var description: String { "\(name): \(explanation)" }

  private var explanation: String {
    switch problem {
    case .unreadable(let reason):
      "cannot be read: \(reason); check the path and its permissions"
    case .unwritable(let reason):
      "cannot be written: \(reason); check that the folder exists, is writable and has space"
    case .empty:
      "is empty; copy or download it again"
    case .unknownFormat:
      "is neither a PNG nor a JPEG, nor WebP or TIFF; convert it, or remove it from the folder"
    case .foreignFormat(let title):
      "is a \(title) picture, which is not read; convert it to PNG, or remove it from the folder"
    case .damaged(let format, let detail):
      "is a damaged \(format.title) (\(detail)); copy or download it again"
    case .unsupported(let format, let detail):
      "is a \(format.title) that is not supported (\(detail)); save it as an 8-bit RGB PNG"
    case .tooLarge(let width, let height, let pixelLimit):
      "claims \(width) x \(height) pixels, more than the limit of \(pixelLimit); make it smaller"
    case .fileTooLarge(let bytes):
      "has \(bytes) bytes, more than any picture within the limits; is it a picture?"
    case .unknownExtension:
      "has no extension that names a format; use .png, .jpg or .jpeg"
    case .notEncodable(let format, let detail):
      "cannot be stored as \(format.title) (\(detail)); make it smaller or choose another format"
    case .noHole:
      "has no white pixel, so it marks no hole; white is what will be filled"
    case .holeLost(let width, let height):
      "has so few white pixels that none is left at \(width) x \(height); mark a larger hole"
    case .ambiguousAlpha:
      "marks one hole by its colours and another by its transparency; save it in black and white "
        + "without transparency, white is what will be filled"
    }
  }
}
