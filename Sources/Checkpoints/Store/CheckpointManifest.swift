internal import Foundation

/// The content of `state.json`: the state of the run and a checksum of every other file.
///
/// The file's first member is a checksum of everything that follows it, and the text in front of
/// the checksum is fixed, so that damage anywhere in the file is found. This holds for every format
/// version, so that a program which knows earlier ones alone does not take a later one for damage.
struct CheckpointManifest: Codable, Equatable {
  /// One file of tensors.
  struct File: Codable, Equatable {
    var name: String
    var byteCount: Int
    var hash: FileChecksum
  }

  static let fileName = "state.json"
  /// The version written; later versions are refused, earlier ones read.
  ///
  /// Since version 2 files are checked with XXH128, and `XXH128SUMS` is there.
  static let currentFormatVersion = 2

  var formatVersion = Self.currentFormatVersion
  var files: [File]
  var state: CheckpointState

  private static let prefix = Array("{\n  \"checksum_of_the_rest\" : \"".utf8)

  /// The bytes of `state.json`.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let members = try encoder.encode(self).drop { $0 != UInt8(ascii: "\n") }
    let rest = Array("\",".utf8) + Array(members) + Array("\n".utf8)
    let checksum = rest.withUnsafeBytes { FileChecksum(of: $0, .contentHash) }
    return Self.prefix + Array(checksum.description.utf8) + rest
  }

  /// Checks and reads the bytes of `state.json`.
  ///
  /// - Throws: `CheckpointProblem` if they are damaged; `CheckpointError.newerFormat`.
  static func decode(_ bytes: UnsafeRawBufferPointer, directory: String) throws -> Self {
    func problem(_ reason: String) -> CheckpointProblem {
      CheckpointProblem(file: fileName, reason: reason)
    }
    let restStart = prefix.count + 64
    guard bytes.count > restStart, bytes.starts(with: prefix) else {
      throw problem("does not start as a checkpoint's state does")
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[restStart...])
    let checksum = String(decoding: bytes[prefix.count..<restStart], as: UTF8.self)
    guard checksum == FileChecksum(of: rest, .contentHash).description else {
      throw problem("the checksum differs from the content")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    struct Version: Decodable { var formatVersion: Int }
    do {
      let data = Data(bytes)
      let version = try decoder.decode(Version.self, from: data).formatVersion
      guard version <= currentFormatVersion else {
        throw CheckpointError.newerFormat(directory: directory, version: version)
      }
      let manifest = try decoder.decode(Self.self, from: data)
      for file in manifest.files where !isPlainName(file.name) {
        throw problem("lists a file outside of the folder: \"\(file.name)\"")
      }
      return manifest
    } catch let error as DecodingError {
      throw problem("cannot be decoded: \(error)")
    }
  }

  /// Whether the checkpoint's folder holds `XXH128SUMS`.
  var hasChecksumList: Bool { formatVersion >= 2 }

  /// Whether a name is that of a tensor file right inside the checkpoint's folder.
  static func isPlainName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.contains("/") && !name.hasPrefix(".")
  }
}
