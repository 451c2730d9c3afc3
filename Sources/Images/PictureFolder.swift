package import Files
import Glibc

/// The pictures of a folder and of the folders in it; hidden files are left out.
///
/// A file is a picture by its name's extension (.png, .jpg, .jpeg, .jpe, .jfif, .pjpeg, .pjp, .webp,
/// .tif, .tiff), or, with none of these, by its first bytes.
package struct PictureFolder: Sendable {
  /// Paths within the folder, sorted by their bytes.
  package let names: [String]
  /// What else lies there.
  package let skipped: SkippedFiles

  /// Lists a folder; a folder that is reached by several links counts once.
  ///
  /// - Throws: `SystemCallError` where a folder cannot be read.
  package init(_ path: String) throws(SystemCallError) {
    var listing = Listing(root: path)
    try listing.add("")
    names = listing.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    skipped = listing.skipped
  }
}

/// Files that are no pictures that can be read, counted by what they are.
package struct SkippedFiles: Equatable, Sendable {
  private struct Group: Equatable {
    var count: Int
    let example: String
  }

  private var groups: [String: Group] = [:]

  /// Nothing was skipped.
  package init() {}

  /// Whether nothing was skipped.
  package var isEmpty: Bool { groups.isEmpty }

  /// Such as "HEIC: 2 (such as a.heic), no picture: 1 (notes.txt)"; what can be
  /// mended comes first.
  package var description: String {
    groups.sorted {
      ($0.key == Self.others ? 1 : 0, $0.key) < ($1.key == Self.others ? 1 : 0, $1.key)
    }
    .map { kind, group in
      "\(kind): \(group.count) (\(group.count > 1 ? "such as " : "")\(group.example))"
    }.joined(separator: ", ")
  }

  static let others = "no picture"

  mutating func add(_ kind: String, _ name: String) {
    groups[kind, default: Group(count: 0, example: name)].count += 1
  }
}

/// Whether a file's name has the extension of a picture that can be read, in either case.
package func hasPictureExtension(_ name: String) -> Bool {
  pictureExtensions.contains(fileExtension(of: name))
}

/// Whether a file is a picture, by its name or else by its first bytes.
///
/// - Returns: True for a picture that can be read, or the kind of what it is instead.
func isPicture(_ path: String) -> (isPicture: Bool, kind: String) {
  let suffix = fileExtension(of: path)
  if pictureExtensions.contains(suffix) { return (true, "") }
  if let kind = rawExtensions.contains(suffix) ? "camera raw file" : nil { return (false, kind) }
  if otherExtensions.contains(suffix) { return (false, SkippedFiles.others) }
  guard let start = firstBytes(of: path) else { return (false, SkippedFiles.others) }
  if ImageFormat(signatureOf: start) != nil { return (true, "") }
  return (false, ForeignFormat(signatureOf: start)?.title ?? SkippedFiles.others)
}

private let pictureExtensions: Set = [
  "png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "pjp", "webp", "tif", "tiff",
]

/// Begin like a TIFF.
private let rawExtensions: Set = ["dng", "nef", "arw", "cr2", "cr3", "orf", "rw2", "raf", "pef"]

/// Not worth opening.
private let otherExtensions: Set = [
  "txt", "csv", "tsv", "json", "jsonl", "xml", "yml", "yaml", "md", "html", "log", "ini", "db",
  "py",
  "npy", "npz", "pt", "pth", "safetensors", "zip", "tar", "gz", "7z", "index", "mat", "pkl", "mp4",
]

/// A format of pictures that is recognised, but not read.
enum ForeignFormat: String, CaseIterable {
  case heic, avif, gif, bmp, jpegXL, jpeg2000, photoshop

  /// The format's name as people write it.
  var title: String {
    switch self {
    case .heic: "HEIC"
    case .avif: "AVIF"
    case .gif: "GIF"
    case .bmp: "BMP"
    case .jpegXL: "JPEG XL"
    case .jpeg2000: "JPEG 2000"
    case .photoshop: "PSD"
    }
  }

  /// The format that the first bytes of a file show, or nil.
  init?(signatureOf bytes: some Collection<UInt8>) {
    func starts(_ text: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: text.utf8)
    }
    if starts("ftyp", at: 4) {
      // The brand of the file, then a version, then other brands that it fits.
      let brands = Array(bytes.dropFirst(8).prefix(24))
      func has(_ brand: String) -> Bool { brands.firstRange(of: Array(brand.utf8)) != nil }
      if has("avif") || has("avis") {
        self = .avif
      } else if ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].contains(where: has) {
        self = .heic
      } else {
        return nil
      }
    } else if starts("GIF8") {
      self = .gif
    } else if starts("BM"), bytes.count > 14, bytes.dropFirst(6).prefix(4).allSatisfy({ $0 == 0 }) {
      self = .bmp
    } else if bytes.starts(with: [0xFF, 0x0A]) || starts("JXL ", at: 4) {
      self = .jpegXL
    } else if starts("jP  ", at: 4) || bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) {
      self = .jpeg2000
    } else if starts("8BPS") {
      self = .photoshop
    } else {
      return nil
    }
  }
}

private func firstBytes(of path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 40)
  let count = read(descriptor, &bytes, bytes.count)
  return count > 0 ? Array(bytes[..<count]) : nil
}

/// What has been found so far.
private struct Listing {
  let root: String
  var names: [String] = []
  var skipped = SkippedFiles()
  private var visited: Set<[UInt64]> = []

  init(root: String) { self.root = root }

  mutating func add(_ folder: String) throws(SystemCallError) {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    var information = stat()
    if stat(path, &information) == 0 {
      let identity = [UInt64(information.st_dev), UInt64(information.st_ino)]
      guard visited.insert(identity).inserted else { return }
    }
    var folders: [String] = []
    for entry in try entries(ofFolder: path) where !entry.name.hasPrefix(".") {
      let relative = folder.isEmpty ? entry.name : "\(folder)/\(entry.name)"
      // What cannot be decoded is replaced by this character, under which nothing is found.
      if entry.name.unicodeScalars.contains("\u{FFFD}"), FileKind(of: "\(root)/\(relative)") == nil
      {
        skipped.add("name that is not UTF-8", relative)
        continue
      }
      switch entry.kind {
      case .folder: folders.append(relative)
      case .other: skipped.add("pipe, socket or device", relative)
      case .file:
        let (isPicture, kind) = isPicture("\(root)/\(relative)")
        if isPicture { names.append(relative) } else { skipped.add(kind, relative) }
      }
    }
    // The order decides which of several links to a folder counts, so it must not be the system's.
    for inner in folders.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let before = names.count
      try add(inner)
      if names.count == before, pictureExtensions.contains(fileExtension(of: inner)) {
        skipped.add("folder named like a picture", inner)
      }
    }
  }
}
