package import Files

/// The names of the PNG and JPEG files in a folder that are not hidden, sorted.
///
/// - Throws: `SystemCallError` where the folder cannot be read.
package func pictureNames(inFolder path: String) throws(SystemCallError) -> [String] {
  try names(inFolder: path).filter { !$0.hasPrefix(".") && ImageFormat(extensionOf: $0) != nil }
}
