import Checksums
package import Images

/// A source whose images must stay what they were when somebody looked at them.
package struct VerifiedImages: ImageSource {
  private let base: any ImageSource
  private let checksums: [UInt32]

  /// Expects each image to have the checksum that it had.
  ///
  /// - Precondition: There is a checksum for every image.
  package init(_ base: any ImageSource, checksums: [UInt32]) {
    precondition(base.count == checksums.count, "an image without a checksum")
    (self.base, self.checksums) = (base, checksums)
  }

  package var count: Int { base.count }
  package var indexHash: IndexHash { base.indexHash }
  package var summary: String { base.summary }
  package var wasChecked: Bool { base.wasChecked }
  package var contentKind: String { base.contentKind }

  package func name(of index: Int) -> String { base.name(of: index) }
  package func location(of index: Int) -> String { base.location(of: index) }
  package func knownChecksum(of index: Int) -> UInt32? { checksums[index] }
  package func landmarks(of index: Int) -> FaceLandmarks? { base.landmarks(of: index) }

  /// The bytes of the image.
  ///
  /// - Throws: The source's errors; `DatasetError` where the image was changed.
  package func encodedImage(at index: Int) throws -> [UInt8] {
    let bytes = try base.encodedImage(at: index)
    guard CRC32.checksum(bytes[...]) == checksums[index] else {
      throw DatasetError(
        .changedImage, location(of: index), "the picture was changed while the run uses it",
        remedy: "put the old one back and start the same command again, which goes on from the "
          + "newest checkpoint; or start a new run with --run")
    }
    return bytes
  }
}
