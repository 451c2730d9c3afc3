import Files
import Foundation
package import Images
import Interchange

/// TensorBoard's event files of a run: one for each start, because what an earlier start wrote of
/// steps that are made again is superseded by what a later file says.
package final class TensorBoardLog {
  private let file: FileHandle

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - folder: The folder of the run's event files.
  ///   - step: The step that the run begins or goes on with.
  /// - Throws: What the operating system says.
  package init(folder: String, firstStep step: Int) throws {
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // TensorBoard reads the files in the order of their names: a new one must come last.
    let newest = try names(inFolder: folder).compactMap(Self.number(ofName:))
      .max()
    let number = max(Int(Date().timeIntervalSince1970), (newest ?? 0) + 1)
    let host = ProcessInfo.processInfo.hostName
    let path = "\(folder)/\(Self.prefix)\(number).\(host).\(getpid())"
    try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try append(step: step, .fileVersion)
    try append(step: step, .sessionStart)
  }

  deinit { try? file.close() }

  private static let prefix = "events.out.tfevents."

  private static func number(ofName name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return Int(name.dropFirst(prefix.count).prefix { $0 != "." })
  }

  /// Appends numbers.
  package func add(step: Int, _ scalars: [(tag: String, value: Double)]) throws {
    try append(step: step, .scalars(scalars))
  }

  /// Appends a picture.
  package func add(step: Int, tag: String, _ image: Image) throws {
    let encoded = try image.encodedAsJPEG(quality: 92, fullChroma: true, name: tag)
    try append(
      step: step,
      .image(tag: tag, encoded: encoded, width: image.width, height: image.height))
  }

  /// One write an entry, so that a crash leaves whole entries but for the last.
  private func append(step: Int, _ content: TensorBoardEvent.Content) throws {
    let event = TensorBoardEvent(
      seconds: Date().timeIntervalSince1970, step: step, content)
    try file.write(contentsOf: Data(event.record))
  }
}
