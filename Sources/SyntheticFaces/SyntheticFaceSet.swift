import Dispatch
import Files
import Foundation
import Images
import Synchronization

/// What a set of synthetic faces consists of.
package struct SyntheticFaceSet: Equatable, Sendable {
  /// Changes whenever the same seed gives other pictures.
  private static let version = 1
  private static let descriptionName = "synthetic_faces.txt"
  private static let imageFolderName = "img_align_celeba"

  /// Number of images, 1...999,999.
  package let count: Int
  /// Side of square images, 16...2048; nil for 178x218.
  package let side: Int?
  /// Chooses the faces.
  package let seed: UInt64

  /// Describes a set.
  ///
  /// - Throws: `SyntheticFaceError` where a number is out of range.
  package init(count: Int, side: Int?, seed: UInt64) throws(SyntheticFaceError) {
    guard (1...999_999).contains(count) else {
      throw SyntheticFaceError(
        .invalidArgument, "count \(count)", "a set holds 1 to 999999 faces",
        remedy: "choose another number")
    }
    if let side, !(16...2048).contains(side) {
      throw SyntheticFaceError(
        .invalidArgument, "side \(side)", "faces are 16 to 2048 pixels wide",
        remedy: "choose another side")
    }
    (self.count, self.side, self.seed) = (count, side, seed)
  }

  /// How a folder was found after `write`.
  package enum Outcome: Equatable, Sendable {
    /// The set was drawn and written.
    case written
    /// The folder held exactly this set already; nothing was touched.
    case alreadyPresent
  }

  /// Draws the faces and writes them as a CelebA folder.
  ///
  /// The folder gets `img_align_celeba/000001.jpg` and on (JPEG of quality 95), and beside it the
  /// lists of parts (80 % train, 10 % validation, 10 % test by position), identities, attributes and
  /// landmarks in their published formats. Everything is written to a hidden folder beside it, which
  /// is renamed at the end: the folder is complete or not there. The files do not depend on the
  /// number of threads.
  ///
  /// - Parameters:
  ///   - directory: The folder to make; it may exist if it is empty or holds this very set.
  ///   - progress: Is told the number of finished images, in increasing order, from any thread.
  /// - Returns: Whether the set was written, or was there already.
  /// - Throws: `SyntheticFaceError` naming the folder or file, what is wrong and what to do.
  package func write(
    to directory: String, progress: @escaping @Sendable (_ finished: Int) -> Void = { _ in }
  ) throws(SyntheticFaceError) -> Outcome {
    let target = URL(fileURLWithPath: directory).standardizedFileURL.resolvingSymlinksInPath()
    if try isPresent(in: target.path, named: directory) { return .alreadyPresent }

    let partial = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).partial-\(ProcessInfo.processInfo.processIdentifier)")
    let images = partial.appendingPathComponent(Self.imageFolderName)
    try attempt(directory) {
      try? FileManager.default.removeItem(at: partial)
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    }
    var isComplete = false
    defer { if !isComplete { try? FileManager.default.removeItem(at: partial) } }

    let rows = try writeImages(to: images.path, progress: progress)
    let files =
      SyntheticFaceLists(rows: rows).files + [(name: Self.descriptionName, text: descriptionText)]
    for file in files {
      try attempt("\(directory)/\(file.name)") {
        try Data(file.text.utf8).write(to: partial.appendingPathComponent(file.name))
      }
    }
    guard rename(partial.path, target.path) == 0 else {
      throw SyntheticFaceError(
        .unwritable, directory, "the folder cannot be made (\(String(cString: strerror(errno))))",
        remedy: "check its permissions, or choose another folder")
    }
    isComplete = true
    return .written
  }

  private func writeImages(
    to folder: String, progress: @escaping @Sendable (Int) -> Void
  ) throws(SyntheticFaceError) -> [SyntheticFaceLists.Row] {
    struct State {
      var rows: [SyntheticFaceLists.Row?]
      var finished = 0
      var failure: SyntheticFaceError?
    }
    let state = Mutex(State(rows: Array(repeating: nil, count: count)))
    let (width, height) = (side ?? 178, side ?? 218)
    DispatchQueue.concurrentPerform(iterations: count) { index in
      guard state.withLock({ $0.failure == nil }) else { return }
      let face = SyntheticFace(seed: seed, index: index)
      let path = "\(folder)/\(SyntheticFaceLists.imageName(index))"
      let row = SyntheticFaceLists.Row(
        identity: face.identity, attributes: face.attributes,
        landmarks: face.landmarks(width: width, height: height))
      do throws(ImageError) {
        try face.image(width: width, height: height).write(to: path, jpegQuality: 95)
        state.withLock {
          $0.rows[index] = row
          $0.finished += 1
          progress($0.finished)
        }
      } catch {
        var reason = error.description
        if case .unwritable(let cause) = error.problem { reason = cause }
        let failure = SyntheticFaceError(
          .unwritable, path, "the image cannot be written (\(reason))",
          remedy: "check permissions and free space, or choose another folder")
        state.withLock { $0.failure = failure }
      }
    }
    let (rows, failure) = state.withLock { ($0.rows, $0.failure) }
    if let failure { throw failure }
    return rows.compactMap(\.self)
  }

  /// Whether the folder holds this set already; `name` is the folder as the caller wrote it.
  ///
  /// - Throws: `SyntheticFaceError` where something else is there.
  private func isPresent(in path: String, named name: String) throws(SyntheticFaceError) -> Bool {
    let manager = FileManager.default
    guard manager.fileExists(atPath: path) else { return false }
    let remedy = "remove it, or choose another folder"
    guard let contents = try? names(inFolder: path) else {
      throw SyntheticFaceError(
        .folderNotEmpty, name, "it is there, but is not a folder that can be read",
        remedy: remedy)
    }
    if contents.isEmpty { return false }
    guard let data = manager.contents(atPath: "\(path)/\(Self.descriptionName)") else {
      throw SyntheticFaceError(
        .folderNotEmpty, name, "the folder holds other files", remedy: remedy)
    }
    let found = String(decoding: data, as: UTF8.self)
    guard found == descriptionText else {
      throw SyntheticFaceError(
        .folderNotEmpty, name,
        "the folder holds another set of synthetic faces (\(Self.oneLine(found))) than the one "
          + "asked for (\(Self.oneLine(descriptionText)))", remedy: remedy)
    }
    let images = (try? names(inFolder: "\(path)/\(Self.imageFolderName)")) ?? []
    let lists = SyntheticFaceLists(rows: []).files.map(\.name)
    guard images.count == count, lists.allSatisfy(contents.contains) else {
      throw SyntheticFaceError(
        .folderNotEmpty, name, "files of this set of synthetic faces have been removed or added",
        remedy: remedy)
    }
    return true
  }

  private var descriptionText: String {
    """
    version \(Self.version)
    count \(count)
    size \(side.map { "\($0)x\($0)" } ?? "178x218")
    seed \(seed)

    """
  }

  private static func oneLine(_ description: String) -> String {
    description.prefix(200).split(whereSeparator: \.isNewline).joined(separator: ", ")
  }
}

/// Draws synthetic faces and writes them as a CelebA folder; see `SyntheticFaceSet.write(to:)`.
///
/// - Parameters:
///   - directory: The folder to make; it may exist if it is empty or holds this very set.
///   - count: Number of images, 1...999,999.
///   - side: Side of square images, 16...2048; nil for 178x218.
///   - seed: Chooses the faces.
///   - progress: Is told the number of finished images, in increasing order, from any thread.
/// - Returns: Whether the set was written, or was there already.
/// - Throws: `SyntheticFaceError` naming the folder, file or number, what is wrong and what to do.
@discardableResult
package func writeSyntheticFaces(
  to directory: String, count: Int, side: Int?, seed: UInt64,
  progress: @escaping @Sendable (_ finished: Int) -> Void = { _ in }
) throws(SyntheticFaceError) -> SyntheticFaceSet.Outcome {
  try SyntheticFaceSet(count: count, side: side, seed: seed).write(
    to: directory, progress: progress)
}

/// Runs file operations and names the file or folder in their errors.
private func attempt(
  _ subject: String, _ body: () throws -> Void
) throws(SyntheticFaceError) {
  do {
    try body()
  } catch {
    let cause = (error as? CocoaError)?.underlying as? POSIXError
    let reason =
      fileAbove(subject).map { "\($0) is a file, not a folder" }
      ?? cause.map { String(cString: strerror($0.code.rawValue)) } ?? error.localizedDescription
    throw SyntheticFaceError(
      .unwritable, subject, "it cannot be written (\(reason))",
      remedy: "check its permissions, or choose another folder")
  }
}

/// The file on the way to a path that should be a folder, if there is one.
private func fileAbove(_ path: String) -> String? {
  var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
  var isFolder: ObjCBool = false
  while !FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) {
    guard folder.path != "/" else { return nil }
    folder.deleteLastPathComponent()
  }
  return isFolder.boolValue ? nil : folder.path
}
