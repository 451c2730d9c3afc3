import Files

/// Refuses to write over files that are there already.
///
/// - Parameters:
///   - paths: The files to write.
///   - overwrites: Whether the user wants just that.
///   - option: The option that names the place.
/// - Throws: `RunError` that names the first of them.
package func refuseToReplace(
  _ paths: [String], unless overwrites: Bool, option: String = "--output"
) throws {
  let present = paths.filter { FileKind(of: $0) != nil }
  guard let first = present.first, !overwrites else { return }
  throw RunError(
    .usage,
    "\(first): is there already"
      + (present.count > 1 ? " (and \(present.count - 1) other results)" : "")
      + "; choose another place with \(option), or give --overwrite")
}
