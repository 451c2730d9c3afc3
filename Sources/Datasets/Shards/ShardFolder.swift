import Checksums
package import Images

/// A data set that `inpaint pack` made: a few tar archives and an index of what is in them.
///
/// The same images, names, order, parts and fingerprint as the folder that was packed, so that a run
/// may change from one to the other. Opening reads the index and asks for the shards' sizes; a shard
/// is opened when one of its images is first read, and every image is checked against its checksum.
package struct ShardFolder: ImageSource {
  /// The folder that holds the index and the shards.
  package let root: String
  /// The part that was opened.
  package let split: DatasetSplit
  /// How images were changed when they were packed; nil where their bytes are the source's.
  package let preparation: PackPreparation?
  package let indexHash: IndexHash

  private let listing: ImageListing
  private let samples: [ShardIndex.Sample]
  private let shards: [ShardFile]

  /// Opens a part of a packed data set.
  ///
  /// - Parameters:
  ///   - root: The folder that holds the index and the shards.
  ///   - split: The part to use.
  ///   - selection: Which images of the part; needs what CelebA's lists said when it was packed.
  ///   - heldOut: How many images are held out of training where a folder without parts was packed.
  ///   - annotations: What to know of the images besides what the selection needs.
  /// - Throws: `DatasetError` where the index is damaged, a shard that holds images of the part is
  ///   missing or has another size, or no image is left.
  package init(
    root: String, split: DatasetSplit, selection: SampleSelection = .everything,
    heldOut: ImageFolder.HeldOut = .share(0.05), annotations: Set<CelebAAnnotation> = []
  ) throws {
    var index = try ShardIndex(readingFrom: root)
    index.listing.annotations.keep(only: annotations.union(selection.neededLists))
    switch index.kind {
    case .celeba:
      let chosen = try index.listing.chosen(split: split, selection: selection, root: root)
      listing = chosen.listing
      samples = chosen.indices.map { index.samples[$0] }
    case .folder:
      guard selection == .everything else { throw DatasetError.selectionNeedsCelebA(root) }
      let chosen = try chosenFromFolder(
        index.listing.names, split: split, heldOut: heldOut, root: root)
      listing = ImageListing(names: chosen.map { index.listing.names[$0] })
      samples = chosen.map { index.samples[$0] }
    }
    let needed = Set(samples.map(\.shard))
    for number in needed.sorted() { try index.shards[Int(number)].checkSize(in: root) }
    shards = index.shards.map { ShardFile(path: "\(root)/\($0.name)") }
    self.root = root
    self.split = split
    preparation = index.preparation
    var hash = listing.indexHash
    if let preparation { hash.add("crop \(preparation.crop) side \(preparation.side)") }
    indexHash = hash
  }

  package var count: Int { samples.count }

  package var summary: String {
    let change = preparation.map { ", cropped to \($0.crop) and resized to \($0.side)" } ?? ""
    return "packed images \(root), part \(split.rawValue): \(count) images\(change)"
  }

  package var wasChecked: Bool { true }

  package var contentKind: String {
    preparation.map { "crop-\($0.crop)-side-\($0.side)" } ?? "original"
  }

  package func knownChecksum(of index: Int) -> UInt32? { samples[index].image.checksum }

  package func name(of index: Int) -> String { listing.names[index] }

  package func location(of index: Int) -> String {
    let sample = samples[index]
    return "\(shards[Int(sample.shard)].path): \(name(of: index)) at byte \(sample.image.offset)"
  }

  package func encodedImage(at index: Int) throws -> [UInt8] {
    let sample = samples[index]
    let (shard, member) = (shards[Int(sample.shard)], sample.image)
    let bytes = try shard.read(at: Int(member.offset), count: Int(member.byteCount))
    guard CRC32.checksum(bytes[...]) == member.checksum, bytes.count == member.byteCount else {
      // As damage of the image, which a run may be told to skip.
      throw ImageError(
        location(of: index),
        .damaged(
          ImageFormat(extensionOf: name(of: index)) ?? .jpeg,
          bytes.count < member.byteCount
            ? "the shard ends inside of it"
            : "the shard was changed, or belongs to another index: the checksum differs"))
    }
    return bytes
  }

  package func landmarks(of index: Int) -> FaceLandmarks? {
    guard let preparation else { return listing.annotations.landmarks(of: index) }
    let sample = samples[index]
    return listing.annotations.landmarks(of: index)?.mapped(
      from: preparation.square(inWidth: Int(sample.width), height: Int(sample.height)),
      toWidth: preparation.side, height: preparation.side)
  }

  /// Who is on the image; nil where nobody asked, or where it is not known.
  package func identity(of index: Int) -> Int? { listing.annotations.identity(of: index) }

  /// The attributes that the image has; nil where nobody asked, or where they are not known.
  package func attributes(of index: Int) -> Set<String>? {
    listing.annotations.attributes(of: index).map(Set.init)
  }
}

extension ShardIndex {
  /// Reads the index of a packed data set.
  ///
  /// - Throws: `DatasetError` where it is missing, cannot be read or is damaged.
  init(readingFrom root: String) throws {
    let path = "\(root)/\(Self.fileName)"
    let bytes: [UInt8]
    do {
      bytes = try imageFileContents(path)
    } catch {
      throw DatasetError(
        .unreadableFile, path, "the index of the packed images cannot be read (\(error))",
        remedy: "pack the images with inpaint pack, or correct the path")
    }
    try self.init(decoding: bytes, path: path)
  }
}

extension ShardIndex.Shard {
  /// Makes sure that the file is there and has the size that the index knows.
  func checkSize(in root: String) throws(DatasetError) {
    let path = "\(root)/\(name)"
    guard let found = sizeOfFile(at: path) else {
      throw DatasetError(
        .damagedPack, path, "the shard is in the index, but it is not there",
        remedy: "copy it again, or pack the images again")
    }
    guard found == byteCount else {
      throw DatasetError(
        .damagedPack, path,
        found < byteCount
          ? "the shard was cut off: it has \(found) bytes, its index says \(byteCount)"
          : "the shard belongs to another index: it has \(found) bytes, not \(byteCount)",
        remedy: "copy shards and index again, or pack the images again")
    }
  }
}

extension PackPreparation {
  /// The square that is cut out of an image.
  func square(inWidth width: Int, height: Int) -> Rectangle {
    let squareSide = min(width, height, crop == 0 ? .max : crop)
    return Rectangle(
      top: (height - squareSide) / 2, left: (width - squareSide) / 2, height: squareSide,
      width: squareSide)
  }
}
