import Images

/// What is to be packed, and how images are spread over shards and named in them.
///
/// A function of source and settings alone, so that a pack that was interrupted goes on with the same.
struct PackPlan: Sendable {
  /// Where images come from; all parts.
  let source: any ImageSource
  /// What the source is.
  let kind: ShardIndex.Kind
  /// Names, parts and annotations of the images.
  let listing: ImageListing
  /// Parts with the images of each, in the order of the source.
  let groups: [(name: String, indices: [Int])]
  /// The name in the archive, without its extension, of each image.
  let memberKeys: [String]
  /// Settings of the pack.
  var settings: ShardPacker.Settings

  /// Opens a folder and plans its packing.
  ///
  /// - Throws: `DatasetError` where the folder cannot be used.
  init(source root: String, layout: DatasetLayout, settings: ShardPacker.Settings) throws {
    let opened = try openImageSource(
      root: root, layout: layout, split: .all, annotations: Set(CelebAAnnotation.allCases))
    switch opened {
    case let folder as CelebAFolder:
      (kind, listing) = (.celeba, folder.listing)
      groups = Self.grouped(
        folder.listing.parts.map { part in
          DatasetSplit.allCases.first { $0.celebANumber == part }.map(\.rawValue) ?? "other"
        })
    case let folder as ImageFolder:
      (kind, listing) = (.folder, folder.listing)
      groups = Self.grouped(
        partsOfFolder(folder.listing.names, heldOut: .share(0.05)).map { parts in
          parts.count > 1 ? "heldout" : parts.first?.rawValue ?? "other"
        })
    default:
      throw DatasetError(
        .damagedPack, root, "these images are packed already", remedy: "give their original folder")
    }
    source = opened
    memberKeys = Self.memberKeys(listing.names)
    self.settings = settings
  }

  /// What decides the packed bytes besides the images' own, for people and for comparison.
  var description: String {
    """
    inpaint pack, format \(ShardIndex.version)
    images \(listing.names.count), index \(listing.indexHash)
    lists \(listing.annotations.fingerprint)
    shards of at most \(settings.shardByteLimit) bytes
    stored \(settings.preparation.map { "crop \($0.crop) side \($0.side)" } ?? "as published")
    damaged images \(settings.damagedImages.rawValue)

    """
  }

  /// The extension of an image's file in the archive.
  func memberExtension(of index: Int) -> String {
    if settings.preparation != nil { return "png" }
    let name = listing.names[index]
    guard hasPictureExtension(name), let dot = name.lastIndex(of: ".") else { return "img" }
    return name[name.index(after: dot)...].lowercased()
  }

  private static func grouped(_ names: [String]) -> [(name: String, indices: [Int])] {
    Dictionary(grouping: names.indices) { names[$0] }.sorted { $0.key < $1.key }
      .map { (name: $0.key, indices: $0.value) }
  }

  /// Names as WebDataset wants them: what stands before the first point is an image's own.
  ///
  /// The names of the source without their extensions where all of them will do, else numbers.
  static func memberKeys(_ names: [String]) -> [String] {
    let longestExtension = ".pjpeg".utf8.count
    let keys = names.map { String($0[..<($0.lastIndex(of: ".") ?? $0.endIndex)]) }
    let isUsable = keys.allSatisfy { key in
      key.utf8.count + longestExtension <= TarHeader.nameLimit
        && key.utf8.allSatisfy {
          (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "\\")
        }
    }
    if isUsable, Set(keys).count == keys.count { return keys }
    return names.indices.map { index in
      let digits = String(index + 1)
      return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
  }
}

extension CelebAAnnotations {
  /// A hash of all that the lists say.
  fileprivate var fingerprint: IndexHash {
    var hash = IndexHash()
    for name in attributeNames { hash.add(name) }
    for number in identities { hash.add(number: UInt64(bitPattern: Int64(number))) }
    for number in attributes { hash.add(number: number) }
    for number in landmarks { hash.add(number: UInt64(bitPattern: Int64(number))) }
    return hash
  }
}
