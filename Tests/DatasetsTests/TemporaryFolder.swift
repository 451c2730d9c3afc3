import Foundation
import Images
import TensorCore

/// A folder that exists as long as this object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "datasets-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file, with the folders above it.
  func write(_ bytes: some Collection<UInt8>, to name: String) throws {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// Writes a CelebA folder of small images: names `000001.jpg` and so on, parts in turn 0 0 0 1 2.
  func writeCelebA(
    count: Int, lineEnding: String = "\n", folder: String = "img_align_celeba",
    fileExtension: String = "jpg"
  ) throws {
    var list = ""
    for number in 1...count {
      let name = celebAName(number)
      list += "\(name) \([0, 0, 0, 1, 2][(number - 1) % 5])\(lineEnding)"
      let file = name.replacingOccurrences(of: ".jpg", with: ".\(fileExtension)")
      try write(encodedPicture(number, fileExtension), to: "\(folder)/\(file)")
    }
    try write(list, to: "list_eval_partition.txt")
  }
}

/// The files below a folder that this process has open, by path, sorted.
func openFiles(below folder: String) throws -> [String] {
  let manager = FileManager.default
  let descriptors = try manager.contentsOfDirectory(atPath: "/proc/self/fd")
  // A descriptor may be closed meanwhile: that is none of this folder's.
  return descriptors.compactMap {
    try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
  }.filter { $0.hasPrefix("\(folder)/") }.sorted()
}

/// `000001.jpg` for 1.
func celebAName(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: 6 - digits.count) + digits + ".jpg"
}

/// A picture of 24 x 30 pixels, different for each number.
func picture(_ number: Int) -> Image {
  var random = CounterBasedRandom(seed: 11, purpose: .test, sample: number)
  let phases = (0..<3).map { _ in random.integer(in: 0...255) }
  var image = Image(width: 24, height: 30)
  for row in 0..<30 {
    for column in 0..<24 {
      for channel in 0..<3 {
        let value = phases[channel] + row * (channel + 2) + column * (5 - channel)
        image.pixels[(row * 24 + column) * 3 + channel] = UInt8(value % 256)
      }
    }
  }
  return image
}

func encodedPicture(_ number: Int, _ fileExtension: String) throws -> [UInt8] {
  fileExtension == "png" ? try picture(number).encodedAsPNG() : try picture(number).encodedAsJPEG()
}
