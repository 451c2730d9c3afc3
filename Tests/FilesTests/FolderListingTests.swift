import Files
import Foundation
import Testing

@Suite struct FolderListingTests {
  @Test func kindsAreTold() throws {
    let manager = FileManager.default
    let folder = NSTemporaryDirectory() + "files-tests-\(UUID().uuidString)"
    try manager.createDirectory(atPath: "\(folder)/folder", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    try Data([1]).write(to: URL(filePath: "\(folder)/file"))
    for (link, target) in [("to-file", "file"), ("to-folder", "folder"), ("to-nothing", "gone")] {
      try manager.createSymbolicLink(
        atPath: "\(folder)/\(link)", withDestinationPath: "\(folder)/\(target)")
    }
    #expect(mkfifo("\(folder)/pipe", 0o600) == 0)

    let kinds = Dictionary(
      uniqueKeysWithValues: try entries(ofFolder: folder).map { ($0.name, $0.kind) })
    #expect(
      kinds == [
        "file": .file, "folder": .folder, "to-file": .file, "to-folder": .folder,
        "to-nothing": .file, "pipe": .other,
      ])
    #expect(
      try names(inFolder: folder) == [
        "file", "folder", "pipe", "to-file", "to-folder", "to-nothing",
      ])
    #expect(try names(inFolder: "\(folder)/folder").isEmpty)
    #expect(FileKind(of: "\(folder)/to-nothing") == nil)
    #expect(FileKind(of: "\(folder)/file/below") == nil)

    for path in ["\(folder)/gone", "\(folder)/file"] {
      let error = #expect(throws: SystemCallError.self) { try entries(ofFolder: path) }
      #expect(error?.call == "opendir" && error?.path == path)
    }
  }
}
