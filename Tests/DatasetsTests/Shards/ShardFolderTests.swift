import Datasets
import Foundation
import Images
import TensorCore
import Testing

@Suite struct ShardFolderTests {
  @Test func partsAnnotationsAndSelectionsAreThoseOfTheFolder() throws {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: 60)
    let report = try folder.pack("celeba", to: "packed", .shards(of: 30_000))
    #expect(report.imageCount == 60 && report.shardCount > 4)
    let selections = [
      SampleSelection.everything,
      SampleSelection(attributes: [try .init(parsing: "Smiling=1"), try .init(parsing: "Male=0")]),
      SampleSelection(heldOutIdentityShare: 0.2),
    ]
    for split in DatasetSplit.allCases {
      for selection in selections {
        for lists in [Set<CelebAAnnotation>(), [.landmarks], Set(CelebAAnnotation.allCases)] {
          let opened = ["celeba", "packed"].map { root in
            Result {
              try SourceContents(
                openImageSource(
                  root: "\(folder.path)/\(root)", split: split, selection: selection,
                  annotations: lists))
            }
          }
          #expect((try? opened[0].get()) == (try? opened[1].get()))
        }
      }
    }
    let source = try ShardFolder(
      root: "\(folder.path)/packed", split: .test, annotations: Set(CelebAAnnotation.allCases))
    #expect(source.name(of: 1) == "000010.jpg" && source.identity(of: 1) == 0)
    #expect(source.attributes(of: 1) == ["Male"])
    #expect(source.landmarks(of: 1)?.leftEye == FaceLandmarks.Point(x: 3, y: 9))
    #expect(source.wasChecked)
    #expect(source.summary.contains("packed images"))
  }

  /// Names of every kind, nested, with and without parts, in archives of any size.
  @Test(arguments: 0..<12) func anyFolderOfImagesReadsTheSamePacked(seed: Int) throws {
    let folder = try TemporaryFolder()
    var random = CounterBasedRandom(seed: 77, purpose: .test, sample: seed)
    let folders = [["", "a/", "a b/c/", "ü/"], ["train/", "val/", "test/", "more/"]][seed % 2]
    let stems = ["x", "photo.v2", "Grüße", "with space", "x-1"]
    let count = random.integer(in: 1...14)
    for number in 0..<count {
      let fileExtension = random.integer(in: 0...1) == 0 ? "png" : "jpg"
      let stem = stems[random.integer(in: 0...stems.count - 1)]
      let name =
        "\(folders[number % folders.count])\(stem)\(number / (seed < 6 ? 1 : 4)).\(fileExtension)"
      try folder.write(encodedPicture(number, fileExtension), to: "images/\(name)")
    }
    try folder.pack("images", to: "packed", .shards(of: random.integer(in: 1...12_000)))
    for split in DatasetSplit.allCases {
      for heldOut in [ImageFolder.HeldOut.share(0.05), .count(3)] {
        let opened = ["images", "packed"].map { root in
          Result {
            try SourceContents(
              openImageSource(root: "\(folder.path)/\(root)", split: split, heldOut: heldOut))
          }
        }
        #expect((try? opened[0].get()) == (try? opened[1].get()))
      }
    }
    #expect(try ShardVerification(of: "\(folder.path)/packed").problems.isEmpty)
  }

  @Test func onlyTheShardsOfWhatIsReadAreOpened() throws {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: 60)
    try folder.pack("celeba", to: "packed", .shards(of: 30_000))
    let source = try ShardFolder(root: "\(folder.path)/packed", split: .train)
    #expect(try openFiles(below: folder.path) == [])
    _ = try source.encodedImage(at: 0)
    #expect(try openFiles(below: folder.path) == ["\(folder.path)/packed/train-00000.tar"])
    for index in 0..<source.count { _ = try source.encodedImage(at: index) }
    // The source has to live until its open files have been counted.
    let open = try withExtendedLifetime(source) { try openFiles(below: folder.path) }
    #expect(open.count > 2)
    #expect(open.allSatisfy { $0.contains("/train-") })
  }

  /// Cut and resized when they are packed, or when they are needed: the same samples.
  @Test func preparedImagesGiveTheSameSamples() throws {
    let folder = try TemporaryFolder()
    try folder.writeAnnotatedCelebA(count: 20)
    var settings = ShardPacker.Settings()
    settings.preparation = PackPreparation(crop: 20, side: 16)
    try folder.pack("celeba", to: "packed", settings)
    let transform = SampleTransform(
      side: 16, crop: 20, masks: FacePartMask(), seed: 3)
    let sources = try ["celeba", "packed"].map {
      try openImageSource(root: "\(folder.path)/\($0)", split: .train, annotations: [.landmarks])
    }
    for index in 0..<sources[0].count {
      let samples = try sources.map {
        try transform(
          $0.image(at: index), landmarks: $0.landmarks(of: index), epoch: 1, sample: index)
      }
      #expect(samples[0].image == samples[1].image && samples[0].hole == samples[1].hole)
    }
    #expect(try ImageHeader(of: sources[1].encodedImage(at: 0), name: "").format == .png)
    // Another size would train on other pixels.
    #expect(sources[0].indexHash != sources[1].indexHash)
  }

  @Test func whatIsPackedIsNotAFolderOfImages() throws {
    let folder = try TemporaryFolder()
    try folder.write(encodedPicture(1, "png"), to: "images/a.png")
    try folder.pack("images", to: "packed")
    let error = #expect(throws: DatasetError.self) {
      try folder.pack("packed", to: "again")
    }
    #expect(error?.description.contains("packed already") == true)
    #expect(throws: DatasetError.self) {
      try openImageSource(
        root: "\(folder.path)/packed", split: .all,
        selection: SampleSelection(heldOutIdentityShare: 0.1))
    }
  }
}
