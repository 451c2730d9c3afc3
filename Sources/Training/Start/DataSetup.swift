package import Communication
package import Configuration
package import Datasets
import Images
import Running

/// The data of a run: the training images, the held-out ones, and what is done to them.
package struct DataSetup {
  /// The training images.
  package let training: any ImageSource
  /// The images of the validation part; nil where the data has none.
  package let validation: (any ImageSource)?
  /// Crop, size, random changes and holes.
  package let transform: SampleTransform
  /// A fingerprint of the names of all training images and mask pictures.
  package let indexHash: IndexHash
  /// A fingerprint of the content of all training images, and of that of all mask pictures.
  package let digests: (images: PictureDigest, masks: PictureDigest)
  /// Images and mask pictures that cannot be used and that the run goes without; nil where such
  /// ones would have stopped it.
  package let skippedCount: Int?
  /// Lines for the start of the log.
  package let notes: [String]

  /// Opens the data, each rank looking at its share of the images, so that unusable ones are found
  /// before step 1; collective.
  ///
  /// - Throws: The same error on every rank: what is wrong with the data, naming the file.
  package init(_ configuration: RunConfiguration, communicator: any Communicator) throws {
    let (data, masks) = (configuration.data, configuration.masks)
    let opened = try communicator.together { try OpenedData(configuration) }
    var usable = UsableImages(policy: data.onBadImage, communicator: communicator)
    let images = try usable.part(of: opened.training)
    let imageDigest = PictureDigest(checksums: usable.checksums, kind: images.contentKind)
    // Packed images are compared with their checksums whenever they are read.
    training = images.wasChecked ? images : VerifiedImages(images, checksums: usable.checksums)
    // Where bad images stop the run, whoever takes a held-out picture meets them before step 1.
    validation =
      data.onBadImage == .skip
      ? try opened.validation.map { try usable.part(of: $0) } : opened.validation
    let maskFiles = try usable.part(ofMasks: opened.maskFiles, side: data.side)
    digests = (imageDigest, PictureDigest(checksums: usable.checksums, kind: "original"))
    let augmentation = data.augmentation
    transform = SampleTransform(
      side: data.side, crop: data.crop,
      augmentation: Augmentation(
        flipsHorizontally: augmentation.flip, cropsRandomly: augmentation.randomCrop,
        colorJitter: Float(augmentation.colorJitter)),
      masks: configuration.model.kind.fillsHoles ? masks.kind(files: maskFiles) : NoHole(),
      seed: configuration.seed)
    var hash = training.indexHash
    for path in maskFiles { hash.add(String(path.dropFirst(masks.files.count))) }
    indexHash = hash
    skippedCount = data.onBadImage == .skip ? usable.skippedCount : nil
    var notes = usable.notes
    if masks.mixture[.faceParts] > 0 {
      let isListed = training.landmarks(of: 0) != nil
      notes.append(
        isListed
          ? "holes over parts of the face: placed by the list of landmarks"
          : "holes over parts of the face: no list of landmarks, placed where aligned CelebA has them"
      )
    }
    self.notes = notes
  }
}

/// What a configuration names, before anybody has looked at the images.
private struct OpenedData {
  let training: any ImageSource
  let validation: (any ImageSource)?
  let maskFiles: [String]

  init(_ configuration: RunConfiguration) throws {
    let (data, masks) = (configuration.data, configuration.masks)
    let selection = SampleSelection(
      attributes: try data.select.map { try .init(parsing: $0) },
      heldOutIdentityShare: data.heldOutIdentities > 0 ? data.heldOutIdentities : nil)
    func open(_ split: DatasetSplit) throws -> any ImageSource {
      try openImageSource(
        root: data.root, layout: data.format, split: split, selection: selection,
        annotations: masks.mixture[.faceParts] > 0 ? [.landmarks] : [],
        allowsAbsentFiles: data.onBadImage == .skip)
    }
    training = try open(.train)
    do {
      validation = try open(.validation)
    } catch let error as DatasetError where error.code == .noImages {
      // A handful of pictures: none of them was held out.
      validation = nil
    }
    guard masks.files.isEmpty || masks.mixture[.files] > 0 else {
      throw RunError(
        .usage,
        "masks.files: names mask pictures that would never be used, because masks.mixture.files is 0; "
          + "set that above 0, or remove masks.files")
    }
    maskFiles = masks.mixture[.files] > 0 ? try masks.filePaths() : []
  }
}
