import Files
package import Images

/// Any folder of pictures (PNG, JPEG, WebP, TIFF), sub-folders included, in the order of their names.
///
/// Sub-folders `train` and `validation` (or `val`, `valid`) and `test`, where they exist, are the
/// parts. Otherwise a hash of each name holds some images out of training; they serve validation
/// and test. Hidden files are left out.
package struct ImageFolder: ImageSource {
  /// How many images are held out of training where the folder has no parts of its own.
  package enum HeldOut: Hashable, Sendable {
    /// About this share, in `0...1`.
    case share(Double)
    /// This many, or half of the images where there are fewer than twice as many.
    case count(Int)
  }

  /// The folder.
  package let root: String
  /// The part that was opened.
  package let split: DatasetSplit
  package let indexHash: IndexHash
  /// The images of the part, by their paths within the folder.
  let listing: ImageListing
  /// What else lies in the folder.
  package let skipped: SkippedFiles

  /// Opens a part of a folder.
  ///
  /// - Parameters:
  ///   - root: The folder.
  ///   - split: The part to use.
  ///   - heldOut: How many images are held out of training.
  /// - Throws: `DatasetError` where the folder cannot be read or the part is empty.
  package init(root: String, split: DatasetSplit, heldOut: HeldOut = .share(0.05)) throws {
    let folder: PictureFolder
    do throws(SystemCallError) {
      folder = try PictureFolder(root)
    } catch {
      throw DatasetError.unreadableFolder(error)
    }
    let all = folder.names
    guard !all.isEmpty else {
      throw DatasetError(
        .noImages, root,
        "the folder holds no JPEG, PNG, WebP or TIFF file"
          + (folder.skipped.isEmpty ? "" : ", only \(folder.skipped.description)"),
        remedy: "give the folder that the images (.jpg, .png, .webp, .tif) lie in")
    }
    skipped = folder.skipped
    let chosen = try chosenFromFolder(all, split: split, heldOut: heldOut, root: root)
    listing = ImageListing(names: chosen.map { all[$0] })
    indexHash = listing.indexHash
    self.root = root
    self.split = split
  }

  package var count: Int { listing.names.count }

  package var summary: String {
    "image folder \(root), part \(split.rawValue): \(count) images"
      + (skipped.isEmpty ? "" : "; left out \(skipped.description)")
  }

  package func name(of index: Int) -> String { listing.names[index] }

  package func location(of index: Int) -> String { "\(root)/\(listing.names[index])" }

  package func encodedImage(at index: Int) throws -> [UInt8] {
    try imageFileContents(location(of: index))
  }
}

/// True for files that are not hidden and have the extension of a picture, in either case.
func hasImageExtension(_ name: String) -> Bool {
  !name.hasPrefix(".") && hasPictureExtension(name)
}

/// The images of a plain folder that belong to a part, by their places among all names.
///
/// - Throws: `DatasetError` where there is none.
func chosenFromFolder(
  _ names: [String], split: DatasetSplit, heldOut: ImageFolder.HeldOut, root: String
) throws -> [Int] {
  if split == .all { return Array(names.indices) }
  let parts = partsOfFolder(names, heldOut: heldOut)
  let chosen = names.indices.filter { parts[$0].contains(split) }
  guard !chosen.isEmpty else {
    throw DatasetError(
      .noImages, root, "none of its \(names.count) images is in part \"\(split.rawValue)\"",
      remedy:
        "use all of them (--split all), add images, or sort them into subfolders train, validation and test"
    )
  }
  return chosen
}

/// The parts that each image of a plain folder serves.
func partsOfFolder(_ names: [String], heldOut: ImageFolder.HeldOut) -> [Set<DatasetSplit>] {
  partsByFolder(names) ?? partsByHash(names, heldOut)
}

/// The parts by the first folder of each name; nil unless there is a training and another part.
private func partsByFolder(_ names: [String]) -> [Set<DatasetSplit>]? {
  let parts = names.map { name -> Set<DatasetSplit> in
    switch name.split(separator: "/").first {
    case "train", "training": [.train]
    case "validation", "valid", "val": [.validation]
    case "test": [.test]
    default: []
    }
  }
  let found = parts.reduce(into: Set()) { $0.formUnion($1) }
  return found.contains(.train) && found.count > 1 ? parts : nil
}

/// The parts by a hash of each name: what is held out serves validation and test.
private func partsByHash(
  _ names: [String], _ heldOut: ImageFolder.HeldOut
) -> [Set<DatasetSplit>] {
  let places = names.map(stableFraction)
  let limit: Double
  switch heldOut {
  case .share(let share): limit = share
  case .count(let count):
    let sorted = places.sorted()
    limit = sorted[min(max(count, 0), names.count / 2)]
  }
  return places.map { $0 < limit ? [.validation, .test] : [.train] }
}

/// A number in [0, 1) that depends on a text alone.
func stableFraction(of text: String) -> Double {
  var hash = IndexHash()
  hash.add(text)
  // The upper bits of FNV depend little on the last bytes; a multiplication mixes them.
  var mixed = hash.low64
  mixed = (mixed ^ mixed >> 31) &* 0xD6E8_FEB8_6659_FD93
  mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
  return Double((mixed ^ mixed >> 32) >> 11) * 0x1p-53
}
