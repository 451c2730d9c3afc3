import Foundation
import Images
import Synchronization

/// CelebA's list of landmarks beside, or above, a folder of its aligned pictures.
final class LandmarkList: Sendable {
  private let path: String?
  private let lines = Mutex<[Substring: FaceLandmarks]?>(nil)

  /// Looks for the list.
  init(near folder: String) {
    let candidates = ["\(folder)/", "\(folder)/../"].map {
      "\($0)list_landmarks_align_celeba.txt"
    }
    path = candidates.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Where the parts of the face of a picture are; nil where the list does not tell.
  func landmarks(of name: String) -> FaceLandmarks? {
    guard let path else { return nil }
    return lines.withLock { lines in
      let known = lines ?? Self.read(path)
      lines = known
      return known[Substring(name)]
    }
  }

  private static func read(_ path: String) -> [Substring: FaceLandmarks] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
    var found: [Substring: FaceLandmarks] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: " ")
      let numbers = fields.dropFirst().compactMap { Double($0) }
      guard fields.count == 11, numbers.count == 10 else { continue }
      func point(_ index: Int) -> FaceLandmarks.Point {
        FaceLandmarks.Point(x: numbers[2 * index], y: numbers[2 * index + 1])
      }
      found[fields[0]] = FaceLandmarks(
        leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3),
        rightMouth: point(4))
    }
    return found
  }
}
