package import Images

/// The CelebA data set as published: a folder of aligned images and lists beside it.
///
/// Images are in `img_align_celeba` (JPEG) or `img_align_celeba_png` (PNG, listed as .jpg), the
/// parts in `list_eval_partition.txt` (0 train, 1 validation, 2 test). Images stand in the order of
/// that list.
package struct CelebAFolder: ImageSource {
  /// The folder that holds the lists and the folder of images.
  package let root: String
  /// The part that was opened.
  package let split: DatasetSplit
  /// Files among the images that the partition list does not name, and that are not used.
  package let unlistedFileCount: Int
  package let indexHash: IndexHash

  private let imageFolder: String
  private let names: [String]
  private let parts: [UInt8]
  private let annotations: CelebAAnnotations

  /// Opens a part of the data set.
  ///
  /// One listing of the folder shows whether every image is there; no image is opened.
  ///
  /// - Parameters:
  ///   - root: The folder that holds the lists and the folder of images.
  ///   - split: The part to use.
  ///   - selection: Which images of the part.
  ///   - annotations: Lists to read, where they exist, besides those that the selection needs.
  ///   - allowsAbsentFiles: Leaves it to whoever reads an image to find that its file is absent.
  /// - Throws: `DatasetError` naming the file, what is wrong with it and what to do.
  package init(
    root: String, split: DatasetSplit, selection: SampleSelection = .everything,
    annotations: Set<CelebAAnnotation> = [], allowsAbsentFiles: Bool = false
  ) throws {
    let partition = try CelebAPartition(root: root)
    var lists = annotations
    if !selection.attributes.isEmpty { lists.insert(.attributes) }
    if selection.heldOutIdentityShare != nil { lists.insert(.identities) }
    var annotations = try CelebAAnnotations(root: root, names: partition.names, lists: lists)

    let parts =
      try selection.heldOutIdentityShare.map {
        try partsByIdentity(annotations.identities, heldOutShare: $0, root: root)
      } ?? partition.parts
    let conditions = try selection.attributes.map {
      (bit: try annotations.bit(ofAttribute: $0.attribute, root: root), isPresent: $0.isPresent)
    }
    let chosen = partition.names.indices.filter { index in
      (split.celebANumber == nil || parts[index] == split.celebANumber)
        && conditions.allSatisfy {
          (annotations.attributes[index] & $0.bit != 0) == $0.isPresent
        }
    }
    guard !chosen.isEmpty else {
      throw DatasetError(
        .noImages, root, "no image of part \"\(split.rawValue)\" fits the selection",
        remedy: "ask for less with data.select and data.held_out_identities")
    }
    annotations.keep(chosen)

    let folder = try CelebAImageFolder(root: root)
    names = try folder.fileNames(
      for: chosen.map { partition.names[$0] }, listPath: partition.path,
      allowsAbsent: allowsAbsentFiles)
    self.root = root
    self.split = split
    self.parts = chosen.map { parts[$0] }
    self.annotations = annotations
    imageFolder = folder.path
    unlistedFileCount = max(0, folder.fileNames.count - partition.names.count)
    var hash = IndexHash()
    for (name, part) in zip(names, self.parts) { hash.add(name, part) }
    indexHash = hash
  }

  package var count: Int { names.count }

  package var summary: String {
    "CelebA folder \(root), part \(split.rawValue): \(count) images"
  }

  package func name(of index: Int) -> String { names[index] }

  package func location(of index: Int) -> String { "\(imageFolder)/\(names[index])" }

  package func encodedImage(at index: Int) throws -> [UInt8] {
    try imageFileContents(location(of: index))
  }

  package func landmarks(of index: Int) -> FaceLandmarks? {
    guard !annotations.landmarks.isEmpty else { return nil }
    let numbers = annotations.landmarks[index * 10..<index * 10 + 10].map(Double.init)
    func point(_ number: Int) -> FaceLandmarks.Point {
      FaceLandmarks.Point(x: numbers[2 * number], y: numbers[2 * number + 1])
    }
    return FaceLandmarks(
      leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3),
      rightMouth: point(4))
  }

  /// Who is on the image; nil where the list was not read.
  package func identity(of index: Int) -> Int? {
    annotations.identities.isEmpty ? nil : Int(annotations.identities[index])
  }

  /// Names of the attributes, in the order of the list; empty where it was not read.
  package var attributeNames: [String] { annotations.attributeNames }

  /// The attributes that the image has; nil where the list was not read.
  package func attributes(of index: Int) -> Set<String>? {
    guard !annotations.attributes.isEmpty else { return nil }
    let bits = annotations.attributes[index]
    return Set(attributeNames.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
  }

  /// The part that the image belongs to.
  package func split(of index: Int) -> DatasetSplit {
    DatasetSplit.allCases.first { $0.celebANumber == parts[index] } ?? .all
  }
}
