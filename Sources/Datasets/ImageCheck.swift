import Checksums
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

  /// What came of a share of the images.
  package struct Outcome: Sendable {
    /// The images that cannot be used, in their order.
    package var findings: [Finding]
    /// CRC-32 of the bytes of each image of the share; 0 for one that cannot be used.
    package var checksums: [UInt32]
  }

  private let count: Int
  private let check: @Sendable (Int) throws -> UInt32

  /// Checks numbered things by a function that throws where one cannot be used, and otherwise returns
  /// the CRC-32 of its bytes.
  package init(count: Int, check: @escaping @Sendable (Int) throws -> UInt32) {
    (self.count, self.check) = (count, check)
  }

  /// Checks the images of a source.
  package init(_ source: any ImageSource, depth: Depth) {
    let distanceOfDecoded = depth == .pixels ? 1 : max(1, source.count / 32)
    self.init(count: source.count) { index in
      let isDecoded = index.isMultiple(of: distanceOfDecoded)
      if depth == .sample, !isDecoded, let known = source.knownChecksum(of: index) {
        return known
      }
      let bytes = try source.encodedImage(at: index)
      if isDecoded {
        _ = try Image(decoding: bytes, name: source.location(of: index))
      } else if depth == .outline {
        try checkOutline(of: bytes, name: source.location(of: index))
      }
      return CRC32.checksum(bytes[...])
    }
  }

  /// Looks at a share of the images.
  ///
  /// - Parameters:
  ///   - first: The first image of the share.
  ///   - stride: The distance of its images: the number of ranks that share the work.
  /// - Returns: What cannot be used, and the checksums of what can.
  package func run(first: Int = 0, stride: Int = 1) -> Outcome {
    let indices = Array(Swift.stride(from: first, to: count, by: stride))
    let chunkSize = 64
    let outcome = Mutex(
      Outcome(findings: [], checksums: Array(repeating: 0, count: indices.count)))
    DispatchQueue.concurrentPerform(iterations: (indices.count + chunkSize - 1) / chunkSize) {
      chunk in
      for place in chunk * chunkSize..<min((chunk + 1) * chunkSize, indices.count) {
        let index = indices[place]
        do {
          let checksum = try check(index)
          outcome.withLock { $0.checksums[place] = checksum }
        } catch {
          outcome.withLock { $0.findings.append(Finding(index: index, message: "\(error)")) }
        }
      }
    }
    return outcome.withLock {
      $0.findings.sort { $0.index < $1.index }
      return $0
    }
  }
}

/// Reads an image's header and looks at its end; an image whose end is not as expected is decoded.
private func checkOutline(of bytes: [UInt8], name: String) throws {
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
