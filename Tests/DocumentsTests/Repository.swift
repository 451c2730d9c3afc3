import Foundation

/// The files of this repository that the tests read.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A file of the repository with its text.
  struct File: CustomStringConvertible {
    /// Where it lies, from the repository's folder.
    let path: String
    let text: String

    var description: String { path }
  }

  /// The README and every other page.
  static var pages: [File] {
    get throws {
      try files(in: "docs", suffixes: [".md"])
        + ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(file)
    }
  }

  /// Everything that is compiled or run, and the configurations; not these tests, which know wrong
  /// paths.
  static var sources: [File] {
    get throws {
      let code = [".swift", ".c", ".h", ".py", ".sh", ".js"]
      return try files(in: "Sources", suffixes: code) + files(in: "Tests", suffixes: code)
        + files(in: "launch", suffixes: [""]) + files(in: ".ci", suffixes: [""])
        + files(in: "configs", suffixes: [".yaml"]) + [file("Package.swift")]
    }
  }

  /// The folders of `Sources`.
  static var rooms: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
        .filter { isFolder("Sources/\($0)") }.sorted()
    }
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  static func file(_ path: String) throws -> File {
    File(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
  }

  private static func files(in folder: String, suffixes: [String]) throws -> [File] {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.appending(path: folder).path)
    return try paths.sorted().filter { path in
      suffixes.contains { path.hasSuffix($0) } && !path.hasPrefix("Fixtures/")
        && !path.hasPrefix("DocumentsTests/")
        && !isFolder("\(folder)/\(path)")
    }.map { try file("\(folder)/\($0)") }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(
      atPath: root.appending(path: path).path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
