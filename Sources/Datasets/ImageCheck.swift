import Dispatch
import Images
import Synchronization

/// Looks for images that cannot be used, before training needs them.
package struct ImageCheck {
  private let source: any ImageSource

  /// Checks the images of a source.
  package init(_ source: any ImageSource) {
    self.source = source
  }

  /// The error of the first image of a share that cannot be used, or nil.
  ///
  /// Every image's header and end are read, which finds what is no image and what was cut off; an image
  /// whose end is not as expected is decoded.
  ///
  /// - Parameters:
  ///   - first: The first image of the share.
  ///   - stride: The distance of its images: the number of ranks that share the work.
  /// - Returns: An error that names the file, or nil.
  package func firstProblem(first: Int = 0, stride: Int = 1) -> (any Error)? {
    let indices = Array(Swift.stride(from: first, to: source.count, by: stride))
    let chunkSize = 256
    let found = Mutex<(index: Int, error: any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: (indices.count + chunkSize - 1) / chunkSize) {
      chunk in
      for index in indices[chunk * chunkSize..<min((chunk + 1) * chunkSize, indices.count)] {
        do {
          try check(index)
        } catch {
          found.withLock { if index < $0?.index ?? .max { $0 = (index, error) } }
          return
        }
      }
    }
    return found.withLock { $0?.error }
  }

  private func check(_ index: Int) throws {
    let bytes = try source.encodedImage(at: index)
    let header = try ImageHeader(of: bytes, name: source.location(of: index))
    let end: [UInt8] =
      switch header.format {
      case .jpeg: [0xFF, 0xD9]
      case .png: [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
      }
    guard !bytes.suffix(end.count).elementsEqual(end) else { return }
    _ = try Image(decoding: bytes, name: source.location(of: index))
  }
}
