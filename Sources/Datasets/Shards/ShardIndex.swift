/// What a packed data set holds: its images in the order of the source, and where each of them lies.
struct ShardIndex: Sendable, Equatable {
  /// What was packed; it decides how images belong to parts.
  enum Kind: UInt32 {
    /// Any folder of images.
    case folder = 0
    /// CelebA with its official partition.
    case celeba = 1
  }

  /// A tar archive.
  struct Shard: Sendable, Equatable, Codable {
    /// The file's name, such as `train-00000.tar`.
    var name: String
    /// The file's size.
    var byteCount: Int
  }

  /// A file in a shard.
  struct Member: Sendable, Equatable, Codable {
    /// The first byte of the content in the shard.
    var offset: UInt64
    /// Size of the content.
    var byteCount: UInt32
    /// CRC-32 of the content.
    var checksum: UInt32

    /// Where the content ends in the shard.
    var end: UInt64 { offset + UInt64(byteCount) }
  }

  /// An image and the JSON description beside it.
  struct Sample: Sendable, Equatable, Codable {
    /// Place of the shard among the shards.
    var shard: UInt32
    /// The image's file.
    var image: Member
    /// The description's file.
    var description: Member
    /// Columns of the source's image, upright.
    var width: UInt32
    /// Rows of the source's image, upright.
    var height: UInt32
  }

  /// What was packed.
  var kind: Kind
  /// How images were changed before they were stored; nil where their bytes are the source's.
  var preparation: PackPreparation?
  /// The archives.
  var shards: [Shard]
  /// Where each image lies.
  var samples: [Sample]
  /// Names, parts and annotations of the images.
  var listing: ImageListing

  /// The index's name in the folder of a packed data set.
  static let fileName = "shards.index"
}

/// How images are changed when they are packed: a centred square is cut out and resized, as training
/// would do.
package struct PackPreparation: Hashable, Sendable {
  /// Side of the square; 0 takes the largest.
  package let crop: Int
  /// Side after resizing.
  package let side: Int

  /// Cuts a square of side `crop` and resizes it to `side`.
  ///
  /// - Precondition: `crop` is not negative, `side` is positive.
  package init(crop: Int, side: Int) {
    precondition(crop >= 0 && side > 0, "an image cannot be cut to \(crop) and resized to \(side)")
    (self.crop, self.side) = (crop, side)
  }
}
