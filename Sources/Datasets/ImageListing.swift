/// The images of a data set by name, in order, with what is known of each besides its pixels.
struct ImageListing: Sendable, Equatable {
  /// A name for each image, such as `000001.jpg`.
  var names: [String]
  /// CelebA's part of each image: 0 train, 1 validation, 2 test; empty for other folders, where the
  /// names decide.
  var parts: [UInt8] = []
  /// What CelebA's lists say.
  var annotations = CelebAAnnotations()

  /// The images of a part of CelebA that fit a selection.
  ///
  /// - Parameters:
  ///   - split: The part.
  ///   - selection: Conditions on attributes; parts by identity.
  ///   - root: Names the data set in errors.
  /// - Returns: The chosen images' indices, and what is known of them.
  /// - Throws: `DatasetError` where a list is missing, a name is unknown or nothing is left.
  func chosen(
    split: DatasetSplit, selection: SampleSelection, root: String
  ) throws -> (indices: [Int], listing: ImageListing) {
    let parts =
      try selection.heldOutIdentityShare.map {
        try partsByIdentity(annotations.identities, heldOutShare: $0, root: root)
      } ?? parts
    let conditions = try selection.attributes.map {
      (bit: try annotations.bit(ofAttribute: $0.attribute, root: root), isPresent: $0.isPresent)
    }
    let indices = names.indices.filter { index in
      (split.celebANumber == nil || parts[index] == split.celebANumber)
        && conditions.allSatisfy {
          (annotations.attributes[index] & $0.bit != 0) == $0.isPresent
        }
    }
    guard !indices.isEmpty else {
      throw DatasetError(
        .noImages, root, "no image of part \"\(split.rawValue)\" fits the selection",
        remedy: "ask for less with data.select and data.held_out_identities")
    }
    var kept = ImageListing(
      names: indices.map { names[$0] }, parts: indices.map { parts[$0] }, annotations: annotations)
    kept.annotations.keep(indices)
    return (indices, kept)
  }

  /// A fingerprint of names, order and parts.
  var indexHash: IndexHash {
    var hash = IndexHash()
    if parts.isEmpty {
      for name in names { hash.add(name) }
    } else {
      for (name, part) in zip(names, parts) { hash.add(name, part) }
    }
    return hash
  }
}

extension SampleSelection {
  /// CelebA's lists that decide which images are selected.
  var neededLists: Set<CelebAAnnotation> {
    var lists: Set<CelebAAnnotation> = []
    if !attributes.isEmpty { lists.insert(.attributes) }
    if heldOutIdentityShare != nil { lists.insert(.identities) }
    return lists
  }
}
