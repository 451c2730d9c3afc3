import Datasets
import Foundation
import Images
import Testing

@Suite struct CelebAFolderTests {
  @Test(arguments: ["\n", "\r\n"]) func partsFollowTheList(lineEnding: String) throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 10, lineEnding: lineEnding)
    func names(_ split: DatasetSplit) throws -> [String] {
      let source = try CelebAFolder(root: folder.path, split: split)
      return (0..<source.count).map(source.name)
    }
    #expect(try names(.train) == [1, 2, 3, 6, 7, 8].map(celebAName))
    #expect(try names(.validation) == [4, 9].map(celebAName))
    #expect(try names(.test) == [5, 10].map(celebAName))
    #expect(try names(.all) == (1...10).map(celebAName))
    let all = try CelebAFolder(root: folder.path, split: .all)
    #expect(all.split(of: 4) == .test)
    #expect(try all.image(at: 4) == Image(decoding: encodedPicture(5, "jpg"), name: "5"))
  }

  @Test func theReleaseInPNGIsListedAsJPEG() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5, folder: "img_align_celeba_png", fileExtension: "png")
    let source = try CelebAFolder(root: folder.path, split: .test)
    #expect(source.name(of: 0) == "000005.png")
    #expect(try source.image(at: 0) == picture(5))
  }

  @Test func commaSeparatedListsAreRead() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 3)
    try folder.remove("list_eval_partition.txt")
    try folder.write(
      "image_id,partition\n000001.jpg,0\n000002.jpg,1\n000003.jpg,0\n",
      to: "list_eval_partition.csv")
    #expect(try CelebAFolder(root: folder.path, split: .train).count == 2)
  }

  /// `Img`, `Eval` and `Anno`, as the authors publish them; lists as spreadsheets save them.
  @Test func thePublishedFoldersAreFound() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5, folder: "Img/img_align_celeba")
    let list = try String(contentsOfFile: "\(folder.path)/list_eval_partition.txt", encoding: .utf8)
    try folder.remove("list_eval_partition.txt")
    try folder.write("\u{FEFF}\(list)", to: "Eval/list_eval_partition.txt")
    let rows = (1...5).map { "\(celebAName($0)),\($0 % 2 == 0 ? 1 : -1)\r\n" }.joined()
    try folder.write("\u{FEFF}image_id,Smiling\r\n\(rows)", to: "Anno/list_attr_celeba.csv")
    let source = try openImageSource(root: folder.path, split: .test)
    #expect(source is CelebAFolder && source.count == 1 && source.name(of: 0) == celebAName(5))
    let smiling = try openImageSource(
      root: folder.path, split: .all,
      selection: SampleSelection(attributes: [.init(attribute: "Smiling", isPresent: true)]))
    #expect((0..<smiling.count).map(smiling.name) == [2, 4].map(celebAName))
  }

  /// Else a split of our own would train on the official test pictures.
  @Test(arguments: ["", "/data/celeba/img_align_celeba"])
  func aFolderRoundOrInsideCelebAIsRefused(inner: String) throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5, folder: "data/celeba/img_align_celeba")
    let list = try String(contentsOfFile: "\(folder.path)/list_eval_partition.txt", encoding: .utf8)
    try folder.remove("list_eval_partition.txt")
    try folder.write(list, to: "data/celeba/list_eval_partition.txt")
    let error = #expect(throws: DatasetError.self) {
      try openImageSource(root: folder.path + inner, split: .train)
    }
    let text = try #require(error).description
    #expect(
      text.contains("data/celeba, so that") && text.contains("data.format is folder"), "\(text)")
    let plain = try openImageSource(root: folder.path + inner, layout: .folder, split: .all)
    #expect(plain.count == 5)
  }

  @Test func namesAndPartsDecideTheIndexHash() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 10)
    let hash = try CelebAFolder(root: folder.path, split: .all).indexHash
    #expect(try CelebAFolder(root: folder.path, split: .all).indexHash == hash)
    #expect(try CelebAFolder(root: folder.path, split: .train).indexHash != hash)
    try folder.writeCelebA(count: 10, lineEnding: "\r\n")
    #expect(try CelebAFolder(root: folder.path, split: .all).indexHash == hash)
    try folder.writeCelebA(count: 11)
    #expect(try CelebAFolder(root: folder.path, split: .all).indexHash != hash)
  }

  @Test func annotationsBelongToTheirImages() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5)
    try folder.write(
      "5\r\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y "
        + "rightmouth_x rightmouth_y\r\n"
        + (1...5).map { "\(celebAName($0))  6\($0)  109 106 113   77 142   73 152  108 154\r\n" }
        .joined(), to: "list_landmarks_align_celeba.txt")
    // In another order than the partition.
    try folder.write(
      (1...5).reversed().map { "\(celebAName($0)) \($0 * 10)\n" }.joined(),
      to: "identity_CelebA.txt")
    let source = try CelebAFolder(
      root: folder.path, split: .test, annotations: [.identities, .landmarks])
    #expect(source.identity(of: 0) == 50)
    #expect(source.landmarks(of: 0)?.leftEye == FaceLandmarks.Point(x: 65, y: 109))
    #expect(source.landmarks(of: 0)?.rightMouth == FaceLandmarks.Point(x: 108, y: 154))
    let plain = try CelebAFolder(root: folder.path, split: .test)
    #expect(plain.identity(of: 0) == nil && plain.landmarks(of: 0) == nil)
  }

  /// The message of the error that opening a folder throws.
  private func failure(_ folder: TemporaryFolder, _ split: DatasetSplit = .train) -> String {
    do {
      _ = try CelebAFolder(root: folder.path, split: split, annotations: [.landmarks])
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func anAbsentImageIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 10)
    try folder.remove("img_align_celeba/000002.jpg")
    #expect(failure(folder).contains("000002.jpg"))
    #expect(failure(folder).contains("list_eval_partition.txt"))
    // A part that does not need the image can be used.
    #expect(failure(folder, .test) == "no error")
  }

  @Test func whatIsMissingIsNamedWithARemedy() throws {
    let folder = try TemporaryFolder()
    #expect(failure(folder).contains("list_eval_partition.txt"))
    try folder.write("000001.jpg 0\n", to: "list_eval_partition.txt")
    #expect(failure(folder).contains("unpack img_align_celeba.zip"))
    try folder.write("", to: "list_eval_partition.txt")
    #expect(failure(folder).contains("names no image"))
  }

  @Test(arguments: [
    ("000001.jpg 0\n000002.jp", "line 2"), ("000001.jpg 0\n000002.jpg ", "line 2"),
    ("000001.jpg 0\n\n000002.jpg 3\n", "line 3"), ("000001.jpg 0\n000002.jpg x\n", "line 2"),
    ("000001.jpg\n000002.jpg 0\n", "line 1"), ("000001.jpg 0 7\n", "line 1"),
    ("3\n000001.jpg 0\n000002.jpg 0\n", "announces 3 images, but 2 follow"),
    ("000002.jpg 0\n000001.jpg 0\n000002.jpg 1\n", "000002.jpg is named twice"),
    ("000001.jpg 0\n\0\0\0\0\0\0", "line 2"),
  ]) func aHalfWrittenListIsRefusedByLine(list: String, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 10)
    try folder.write(list, to: "list_eval_partition.txt")
    #expect(failure(folder).contains(message))
    #expect(failure(folder).contains("list_eval_partition.txt"))
  }

  @Test func anAnnotationListThatLeavesOutAnImageIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 3)
    try folder.write(
      "000001.jpg 1 2 3 4 5 6 7 8 9 10\n000003.jpg 1 2 3 4 5 6 7 8 9 10\n",
      to: "list_landmarks_align_celeba.txt")
    #expect(failure(folder).contains("no line for 000002.jpg"))
  }

  @Test func filesThatNobodyListedAreCounted() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5)
    try folder.write([1], to: "img_align_celeba/000006.jpg")
    try folder.write([1], to: "img_align_celeba/readme.txt")
    #expect(try CelebAFolder(root: folder.path, split: .train).unlistedFileCount == 1)
  }
}
