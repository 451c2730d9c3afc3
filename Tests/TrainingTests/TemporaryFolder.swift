import Foundation

/// A folder that exists as long as this object.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "training-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of something in the folder.
  subscript(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ bytes: some Collection<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
  }

  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: self[name]))
  }

  /// An empty file that a program may write to.
  func writer(_ name: String) throws -> FileHandle {
    try write("", to: name)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: self[name]))
  }

  /// Copies a file or a folder into this folder.
  func copy(_ source: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: self[name])
  }

  func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

  func names(in folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: self[folder]))
  }

  /// Inverts one bit of a file.
  func flipBit(of name: String, atByte index: Int) throws {
    var contents = try bytes(name)
    contents[index] ^= 1
    try contents.write(to: URL(fileURLWithPath: self[name]))
  }

  /// Every path in the folder, with the bytes of files.
  var contents: [String: Data] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.reduce(into: [:]) { contents, name in
      contents[name] = FileManager.default.contents(atPath: self[name]) ?? Data()
    }
  }
}
