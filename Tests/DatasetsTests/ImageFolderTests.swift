import Datasets
import Foundation
import Images
import Testing

@Suite struct ImageFolderTests {
  private func names(_ source: any ImageSource) -> [String] {
    (0..<source.count).map(source.name)
  }

  @Test func imagesOfAllSubfoldersAreFoundInTheOrderOfTheirNames() throws {
    let folder = try TemporaryFolder()
    for name in ["b.png", "a/2.jpg", "a/10.JPEG", "Z.PNG", "a/deep/x.jpg"] {
      try folder.write(encodedPicture(1, name.hasSuffix("g") ? "jpg" : "png"), to: name)
    }
    for name in [".hidden.png", "._a.jpg", "notes.txt", ".cache/y.png"] {
      try folder.write([0], to: name)
    }
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/a/loop", withDestinationPath: folder.path)
    let source = try openImageSource(root: folder.path, split: .all)
    #expect(source is ImageFolder)
    #expect(names(source) == ["Z.PNG", "a/10.JPEG", "a/2.jpg", "a/deep/x.jpg", "b.png"])
    #expect(source.location(of: 4) == "\(folder.path)/b.png")
  }

  /// Pictures by content, whatever their names; what is left out is told.
  @Test func otherNamesAndFormatsAreFoundOrNamed() throws {
    let folder = try TemporaryFolder()
    for name in ["a.jfif", "b.JPE", "c.pjpeg", "noextension"] {
      try folder.write(encodedPicture(1, "jpg"), to: name)
    }
    try folder.write(Array("\0\0\0\u{18}ftypheic\0\0\0\0".utf8), to: "d.heic")
    let source = try openImageSource(root: folder.path, split: .all)
    #expect(names(source) == ["a.jfif", "b.JPE", "c.pjpeg", "noextension"])
    #expect(source.summary.hasSuffix("4 images; left out HEIC: 1 (d.heic)"), "\(source.summary)")
    #expect(try source.image(at: 3) == Image(decoding: encodedPicture(1, "jpg"), name: "1"))
  }

  /// Nobody notices a data set that has shrunk.
  @Test func aLinkThatLeadsNowhereIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(encodedPicture(1, "png"), to: "a.png")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/b.jpg", withDestinationPath: "/nowhere/b.jpg")
    let source = try openImageSource(root: folder.path, split: .all)
    #expect(names(source) == ["a.png", "b.jpg"])
    let findings = ImageCheck(source, depth: .outline).run(first: 0, stride: 1).findings
    #expect(findings.map(\.index) == [1])
    #expect(findings[0].message.contains("b.jpg: cannot be read: No such file or directory"))
  }

  @Test func whatIsHeldOutDependsOnNamesAlone() throws {
    let folder = try TemporaryFolder()
    for number in 0..<100 { try folder.write([0], to: "\(number).png") }
    func names(_ split: DatasetSplit, _ heldOut: ImageFolder.HeldOut) throws -> Set<String> {
      Set(self.names(try ImageFolder(root: folder.path, split: split, heldOut: heldOut)))
    }
    for heldOut in [ImageFolder.HeldOut.share(0.2), .count(20)] {
      let (train, validation) = (try names(.train, heldOut), try names(.validation, heldOut))
      #expect(train.isDisjoint(with: validation))
      #expect(train.count + validation.count == 100)
      #expect((10...30).contains(validation.count))
      #expect(try names(.test, heldOut) == validation)
    }
    #expect(try names(.validation, .count(7)).count == 7)
    let before = try names(.validation, .share(0.2))
    for number in 100..<200 { try folder.write([0], to: "\(number).png") }
    #expect(try names(.validation, .share(0.2)).isSuperset(of: before))
  }

  @Test func subfoldersMayBeTheParts() throws {
    let folder = try TemporaryFolder()
    for name in ["train/1.png", "train/2.png", "val/3.png", "test/4.png", "other/5.png"] {
      try folder.write([0], to: name)
    }
    func names(_ split: DatasetSplit) throws -> [String] {
      self.names(try ImageFolder(root: folder.path, split: split))
    }
    #expect(try names(.train) == ["train/1.png", "train/2.png"])
    #expect(try names(.validation) == ["val/3.png"])
    #expect(try names(.test) == ["test/4.png"])
    #expect(try names(.all).count == 5)
  }

  @Test func aFolderWithoutImagesIsAnError() throws {
    let folder = try TemporaryFolder()
    try folder.write("text", to: "notes.txt")
    func code(_ root: String, _ layout: DatasetLayout = .automatic) -> DatasetError.Code? {
      #expect(throws: DatasetError.self) {
        try openImageSource(root: root, layout: layout, split: .train)
      }?.code
    }
    #expect(code(folder.path) == .noImages)
    #expect(code(folder.path, .celeba) == .unreadableFile)
    #expect(code("\(folder.path)/absent") == .unreadableFolder)
    #expect(code("\(folder.path)/notes.txt") == .unreadableFolder)
  }

  @Test func aCelebAFolderIsRecognised() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5)
    #expect(try openImageSource(root: folder.path, split: .train) is CelebAFolder)
    #expect(
      try openImageSource(root: folder.path, layout: .folder, split: .train) is ImageFolder)
    // Half a CelebA folder is not taken for something else.
    try folder.remove("list_eval_partition.txt")
    #expect(throws: DatasetError.self) { try openImageSource(root: folder.path, split: .train) }
  }

  @Test func anUnknownPartSuggestsTheNearest() {
    let error = #expect(throws: DatasetError.self) { try DatasetSplit(named: "trian") }
    #expect(error?.description.contains("did you mean \"train\"?") == true)
  }
}
