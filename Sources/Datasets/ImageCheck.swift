import Dispatch
import Images
import Synchronization

/// Looks for images that cannot be used, before training needs them.
package struct ImageCheck: Sendable {
  /// How closely to look.
  package enum Depth: Sendable {
    /// Some images, spread evenly, are decoded: enough where all of them were looked at before.
    case sample
    /// The header and the end of every image, and the checksums of a PNG: finds what is no image and
    /// what was cut off. Some images, spread evenly, are decoded.
    case outline
    /// Every image is decoded: what passes can be trained on.
    case pixels
  }

  /// An image that cannot be used.
  package struct Finding: Codable, Equatable, Sendable {
    /// Its number in the source.
    package let index: Int
    /// What is wrong with it, naming the file.
    package let message: String
  }

  private let count: Int
  private let check: @Sendable (Int) throws -> Void

  /// Checks numbered things by a function that throws where one cannot be used.
  package init(count: Int, check: @escaping @Sendable (Int) throws -> Void) {
    (self.count, self.check) = (count, check)
  }

  /// Checks the images of a source.
  package init(_ source: any ImageSource, depth: Depth) {
    let distanceOfDecoded = depth == .pixels ? 1 : max(1, source.count / 32)
    self.init(count: source.count) { index in
      if index.isMultiple(of: distanceOfDecoded) {
        _ = try source.image(at: index)
      } else if depth == .outline {
        try checkOutline(of: index, in: source)
      }
    }
  }

  /// The images of a share that cannot be used, in their order.
  ///
  /// - Parameters:
  ///   - first: The first image of the share.
  ///   - stride: The distance of its images: the number of ranks that share the work.
  /// - Returns: A finding for each of them.
  package func findings(first: Int = 0, stride: Int = 1) -> [Finding] {
    let indices = Array(Swift.stride(from: first, to: count, by: stride))
    let chunkSize = 64
    let found = Mutex<[Finding]>([])
    DispatchQueue.concurrentPerform(iterations: (indices.count + chunkSize - 1) / chunkSize) {
      chunk in
      for index in indices[chunk * chunkSize..<min((chunk + 1) * chunkSize, indices.count)] {
        do {
          try check(index)
        } catch {
          found.withLock { $0.append(Finding(index: index, message: "\(error)")) }
        }
      }
    }
    return found.withLock { $0.sorted { $0.index < $1.index } }
  }
}

/// Reads an image's header and looks at its end; an image whose end is not as expected is decoded.
private func checkOutline(of index: Int, in source: any ImageSource) throws {
  let bytes = try source.encodedImage(at: index)
  let name = source.location(of: index)
  switch try ImageHeader(of: bytes, name: name).format {
  case .png:
    try checkPNGChunks(bytes, name: name)
  case .jpeg where !bytes.suffix(2).elementsEqual([0xFF, 0xD9]):
    _ = try Image(decoding: bytes, name: name)
  case .webp, .tiff:
    _ = try Image(decoding: bytes, name: name)
  case .jpeg:
    break
  }
}
