package import Configuration
import Images
import Running

extension MaskConfiguration {
  /// The PNG and JPEG files of the folder of mask pictures, by name.
  ///
  /// - Throws: `RunError` where the folder has none.
  package func filePaths() throws -> [String] {
    let pictures = DrawnMask.paths(in: files)
    guard !pictures.isEmpty else {
      throw RunError(
        .badData, "\(files): no PNG or JPEG files; set masks.files to a folder of mask pictures")
    }
    return pictures
  }
}
