import Datasets
import Images
import Testing

@Suite struct ImageCheckTests {
  private func folder(count: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for number in 0..<count {
      try folder.write(encodedPicture(number, "png"), to: "\(100 + number).png")
    }
    return folder
  }

  private func found(_ folder: TemporaryFolder, _ depth: ImageCheck.Depth) throws -> [Int] {
    let source = try ImageFolder(root: folder.path, split: .all)
    let whole = ImageCheck(source, depth: depth).run().findings
    // Two and five ranks find the same between them.
    for ranks in [2, 5] {
      let shares = (0..<ranks).flatMap {
        ImageCheck(source, depth: depth).run(first: $0, stride: ranks).findings
      }
      #expect(shares.sorted { $0.index < $1.index } == whole)
    }
    for finding in whole { #expect(finding.message.contains(source.name(of: finding.index))) }
    return whole.map(\.index)
  }

  @Test func whatCannotBeUsedIsFoundByOutlineAndByPixels() throws {
    let folder = try folder(count: 12)
    #expect(try found(folder, .outline) == [] && found(folder, .pixels) == [])
    try folder.write("", to: "101.png")
    try folder.write("no picture", to: "103.png")
    try folder.write(encodedPicture(4, "png").dropLast(3), to: "104.png")
    try folder.write(encodedPicture(5, "jpg").dropLast(3), to: "105.png")
    #expect(try found(folder, .outline) == [1, 3, 4, 5])
    #expect(try found(folder, .pixels) == [1, 3, 4, 5])
  }

  /// One wrong byte in the pixels of a PNG is found by its checksum, before it is decoded.
  @Test func wrongChecksumsOfImageDataAreFoundWithoutDecoding() throws {
    let folder = try folder(count: 100)
    var bytes = try encodedPicture(7, "png")
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, to: "107.png")
    #expect(try found(folder, .outline) == [7])
  }

  /// Damage in the middle of a JPEG shows in its pixels only, which is what `.pixels` is for.
  @Test func damageInTheMiddleOfAJPEGIsFoundByPixels() throws {
    let folder = try folder(count: 100)
    let bytes = try encodedPicture(7, "jpg")
    try folder.write(bytes.prefix(bytes.count - 60) + [0xFF, 0xD9], to: "107.png")
    #expect(try found(folder, .pixels) == [7])
    #expect(try found(folder, .outline) == [])
  }

  @Test func aSubsetIsTheSourceWithoutSome() throws {
    let folder = try folder(count: 6)
    let source = try ImageFolder(root: folder.path, split: .all)
    let subset = ImageSubset(source, leavingOut: [0, 3])
    #expect(subset.count == 4)
    #expect((0..<4).map(subset.name) == ["101.png", "102.png", "104.png", "105.png"])
    #expect(try subset.encodedImage(at: 2) == encodedPicture(4, "png"))
    #expect(subset.location(of: 3) == source.location(of: 5))
    #expect(subset.summary.contains("2 of them left out"))
    let hashes = [
      source.indexHash, subset.indexHash, ImageSubset(source, leavingOut: [0]).indexHash,
      ImageSubset(source, leavingOut: [0, 4]).indexHash,
    ]
    #expect(Set(hashes).count == 4)
    #expect(ImageSubset(source, leavingOut: [3, 0]).indexHash == subset.indexHash)
  }

  @Test func absentFilesOfAListAreLeftToTheCheckWhereAllowed() throws {
    let folder = try TemporaryFolder()
    try folder.writeCelebA(count: 5)
    try folder.remove("img_align_celeba/000002.jpg")
    #expect(throws: DatasetError.self) { try openImageSource(root: folder.path, split: .train) }
    let source = try openImageSource(root: folder.path, split: .train, allowsAbsentFiles: true)
    #expect(source.count == 3)
    let findings = ImageCheck(source, depth: .outline).run().findings
    #expect(findings.map(\.index) == [1])
    #expect(findings[0].message.contains("000002.jpg"))
  }
}
