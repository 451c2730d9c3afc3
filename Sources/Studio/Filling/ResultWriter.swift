import Filling
import Foundation
import HTTPService
import Images
import Synchronization

/// Writes whole pictures, for download and into the folder of results.
final class ResultWriter: Sendable {
  /// How a picture is to be written.
  struct Form: Sendable, Equatable {
    var format = ImageFormat.png
    var jpegQuality = 95

    /// The end of a file's name.
    var fileExtension: String { format == .png ? "png" : "jpg" }
  }

  private let store: PictureStore
  private let output: String?
  private let written = Mutex<[String]>([])
  private let naming = Mutex(())
  /// Files for download that are kept.
  private static let keptDownloads = 8

  /// - Parameters:
  ///   - store: Where pictures and results are kept.
  ///   - output: The folder of results; nil where nothing is saved.
  init(store: PictureStore, output: String?) { (self.store, self.output) = (store, output) }

  /// Whether there is a folder of results.
  var saves: Bool { output != nil }

  /// A file for download.
  func file(of result: FillResult, as form: Form) throws -> (path: String, bytes: Int) {
    let name = "\(result.id)-\(form.jpegQuality).\(form.fileExtension)"
    let path = "\(store.folder)/\(name)"
    if !FileManager.default.fileExists(atPath: path) {
      try write(result, as: form, to: path)
    }
    let old = written.withLock { paths in
      paths.removeAll { $0 == path }
      paths.append(path)
      return paths.count > Self.keptDownloads ? paths.removeFirst() : nil
    }
    if let old { try? FileManager.default.removeItem(atPath: old) }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    return (path, size ?? 0)
  }

  /// Writes a result into the folder of results, under a name that is free.
  ///
  /// - Parameters:
  ///   - result: What to write.
  ///   - form: The format.
  ///   - name: What the user wants; nil for the photograph's name with "-filled".
  /// - Returns: The name.
  /// - Throws: `HTTPProblem` where there is no folder; `ImageError` where it cannot be written.
  func save(_ result: FillResult, as form: Form, name: String?) throws -> String {
    guard let output else {
      throw HTTPProblem(
        .conflict, "The studio was started without --output, so results can be downloaded only.")
    }
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    let stem = (try fileName(of: result, as: form, wanted: name) as NSString).deletingPathExtension
    let temporary = "\(output)/.\(randomID()).\(form.fileExtension)"
    try write(result, as: form, to: temporary)
    defer { unlink(temporary) }
    return try naming.withLock { _ in
      for number in 1...100_000 {
        let name = "\(stem)\(number == 1 ? "" : "-\(number)").\(form.fileExtension)"
        // A link never replaces a file.
        if link(temporary, "\(output)/\(name)") == 0 { return name }
        guard errno != EEXIST else { continue }
        // Some file systems have no links.
        guard !FileManager.default.fileExists(atPath: "\(output)/\(name)") else { continue }
        guard rename(temporary, "\(output)/\(name)") == 0 else {
          throw HTTPProblem(
            .insufficientStorage,
            "\(name) cannot be written (\(String(cString: strerror(errno)))); "
              + "check the folder of --output.")
        }
        return name
      }
      throw HTTPProblem(.conflict, "There are too many files with the name \(stem).")
    }
  }

  /// The name of a result's file, with the extension of its form.
  func fileName(of result: FillResult, as form: Form, wanted: String?) throws -> String {
    let original = try store.picture(result.picture).name
    let stem = wanted.map { name in
      let safe = safeFileName(name)
      return ImageFormat(extensionOf: safe) == nil
        ? safe : (safe as NSString).deletingPathExtension
    }
    return
      "\(stem ?? (original as NSString).deletingPathExtension + "-filled").\(form.fileExtension)"
  }

  private func write(_ result: FillResult, as form: Form, to path: String) throws {
    let chain = try store.chain(of: result.id)
    let picture = try store.picture(result.picture)
    try FilledPhotograph(picture, results: chain).write(to: path, jpegQuality: form.jpegQuality)
  }
}
