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
  /// The images of the part, by the names of their files.
  let listing: ImageListing

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
    let lists = annotations.union(selection.neededLists)
    let annotations = try CelebAAnnotations(root: root, names: partition.names, lists: lists)

    let listing = ImageListing(
      names: partition.names, parts: partition.parts, annotations: annotations)
    let chosen = try listing.chosen(split: split, selection: selection, root: root)
    let folder = try CelebAImageFolder(root: root)
    var kept = chosen.listing
    kept.names = try folder.fileNames(
      for: kept.names, listPath: partition.path, allowsAbsent: allowsAbsentFiles)
    self.root = root
    self.split = split
    self.listing = kept
    imageFolder = folder.path
    unlistedFileCount = max(0, folder.fileNames.count - partition.names.count)
    indexHash = kept.indexHash
  }

  package var count: Int { listing.names.count }

  package var summary: String {
    "CelebA folder \(root), part \(split.rawValue): \(count) images"
  }

  package func name(of index: Int) -> String { listing.names[index] }

  package func location(of index: Int) -> String { "\(imageFolder)/\(listing.names[index])" }

  package func encodedImage(at index: Int) throws -> [UInt8] {
    try imageFileContents(location(of: index))
  }

  package func landmarks(of index: Int) -> FaceLandmarks? {
    listing.annotations.landmarks(of: index)
  }

  /// Who is on the image; nil where the list was not read.
  package func identity(of index: Int) -> Int? { listing.annotations.identity(of: index) }

  /// Names of the attributes, in the order of the list; empty where it was not read.
  package var attributeNames: [String] { listing.annotations.attributeNames }

  /// The attributes that the image has; nil where the list was not read.
  package func attributes(of index: Int) -> Set<String>? {
    listing.annotations.attributes(of: index).map(Set.init)
  }

  /// The part that the image belongs to.
  package func split(of index: Int) -> DatasetSplit {
    DatasetSplit.allCases.first { $0.celebANumber == listing.parts[index] } ?? .all
  }
}
