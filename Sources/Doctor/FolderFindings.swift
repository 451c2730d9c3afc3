import Datasets
import Foundation
import Images
import Running

/// How fast the folder of runs takes what is written, and how much room it has.
func runFolderFinding(_ folder: String) -> Finding {
  var place = URL(fileURLWithPath: folder)
  while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
    place.deleteLastPathComponent()
  }
  let byteCount = 64 << 20
  let file = place.appending(path: ".inpaint-doctor-\(ProcessInfo.processInfo.processIdentifier)")
  defer { try? FileManager.default.removeItem(at: file) }
  do {
    let start = ContinuousClock.now
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EACCES)
    }
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    let part = Data((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 151) })
    for _ in 0..<byteCount >> 20 { try handle.write(contentsOf: part) }
    try handle.synchronize()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let free = try FileManager.default.attributesOfFileSystem(forPath: place.path)[.systemFreeSize]
    let freeBytes = (free as? NSNumber)?.doubleValue ?? 0
    let text = String(
      format: "%@: %.0f MiB/s, %.1f GiB free", place.path, 64 / seconds, freeBytes / 1_073_741_824)
    if freeBytes < 4e9 {
      return Finding(
        .improvable, "run folder", text,
        advice: "make room: checkpoints of large networks take 1 GiB each")
    }
    guard seconds < 3 else {
      return Finding(
        .improvable, "run folder", text,
        advice: "checkpoints are written beside training, but the last one of a stop is waited for")
    }
    return Finding(.fine, "run folder", text)
  } catch {
    return Finding(
      .bad, "run folder", "\(place.path): cannot be written (\(systemReason(error)))",
      advice: "name another folder with --run")
  }
}

/// What is in a folder of pictures, and whether some of them can be read.
func dataFinding(_ root: String) -> Finding {
  do {
    let source = try openImageSource(root: root, split: .train)
    let held = try? openImageSource(root: root, split: .validation).count
    let places = (0..<min(16, source.count)).map { $0 * source.count / min(16, source.count) }
    let start = ContinuousClock.now
    for place in places { _ = try source.image(at: place) }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return Finding(
      .fine, "pictures",
      "\(source.summary); \(held ?? 0) held out; "
        + String(format: "%.0f pictures/s on one thread", Double(places.count) / seconds))
  } catch {
    return Finding(.bad, "pictures", "\(error)", advice: "docs/data.md says what is read")
  }
}
