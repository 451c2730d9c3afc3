import Images
import Synchronization

/// The part of an image that is used, resized.
struct ResizedSquare {
  let image: Image
  /// The points of the face in the resized square.
  let landmarks: FaceLandmarks
}

/// Squares of a source's images that have been decoded and resized before.
final class ResizedImageCache: Sendable {
  private let squares: Mutex<[ResizedSquare?]>

  /// Makes an empty cache for all images of a source.
  init(count: Int) {
    squares = Mutex([ResizedSquare?](repeating: nil, count: count))
  }

  /// The square of an image, made and kept when it is asked for the first time.
  func square(at index: Int, make: () throws -> ResizedSquare) rethrows -> ResizedSquare {
    if let square = squares.withLock({ $0[index] }) { return square }
    let square = try make()
    squares.withLock { $0[index] = square }
    return square
  }
}
