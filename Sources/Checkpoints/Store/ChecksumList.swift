internal import Files

/// `XXH128SUMS`, with which a checkpoint is checked without this program: `xxhsum -c XXH128SUMS`.
///
/// It repeats what `state.json` says of the other files, and has the checksum of `state.json`
/// itself. Nothing is read from it, so that a checkpoint can be used without it.
struct ChecksumList {
  static let fileName = "XXH128SUMS"

  /// One line a file: checksum, two blanks, name.
  let text: String

  /// Lists the files of a manifest, and `state.json` with this content.
  init(_ manifest: CheckpointManifest, stateFile: UnsafeRawBufferPointer) {
    let files =
      manifest.files.map { ($0.hash, $0.name) }
      + [(FileChecksum(of: stateFile), CheckpointManifest.fileName)]
    text = files.map { "\($0)  \($1)\n" }.joined()
  }

  /// Compares with the list in a checkpoint's folder, whose lines may be in any order.
  ///
  /// - Returns: What is wrong with that one, if anything.
  /// - Throws: `SystemCallError` if it may not be read.
  func problem(inFolder folder: String) throws(SystemCallError) -> CheckpointProblem? {
    let found: FileBytes
    do {
      found = try FileBytes.read("\(folder)/\(Self.fileName)")
    } catch  where error.meansDamage {
      return CheckpointProblem(file: Self.fileName, reason: error.description)
    }
    let lines = found.withUnsafeBytes { Self.lines(String(decoding: $0, as: UTF8.self)) }
    guard lines != Self.lines(text) else { return nil }
    return CheckpointProblem(
      file: Self.fileName,
      reason: "does not list the checksums of these files, which are all right themselves")
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).sorted()
  }
}
