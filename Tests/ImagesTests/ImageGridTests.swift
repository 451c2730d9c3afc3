import Images
import Testing

@Suite struct ImageGridTests {
  private func cell(_ value: UInt8) -> Image { Image(width: 64, height: 64, filledWith: value) }

  @Test func largePicturesAreInTheSheetUnchanged() throws {
    var random = testRandom(16)
    let pictures = (0..<6).map { _ in noise(width: 20, height: 180, using: &random) }
    let grid = ImageGrid(
      title: "Step 1000",
      rows: [.init("masked", Array(pictures[..<3])), .init("filled", Array(pictures[3...]))])
    let sheet = grid.image()
    for picture in pictures { #expect(contains(sheet, picture)) }
    #expect(!contains(sheet, noise(width: 20, height: 180, using: &random)))
  }

  /// 64 pixels become three times as many, and are still the same picture.
  @Test func smallPicturesAreEnlarged() throws {
    var random = testRandom(17)
    let picture = noise(width: 8, height: 8, using: &random).resized(width: 64, height: 64)
    let sheet = ImageGrid(rows: [.init("", [picture, picture])]).image()
    #expect(sheet.height > 3 * 64 && sheet.width > 6 * 64)
    #expect(contains(sheet, picture.resized(width: 192, height: 192)))
    let tiny = noise(width: 2, height: 2, using: &random)
    #expect(ImageGrid(rows: [.init("", [tiny])]).image().height < 64)
  }

  /// Between ink and paper there are greys.
  @Test func labelsAreSmooth() {
    let sheet = ImageGrid(rows: [.init("original", [cell(9)])]).image()
    let values = (0..<sheet.height).flatMap { row in
      (0..<60).map { sheet.pixels[(row * sheet.width + $0) * 3] }
    }
    #expect(Set(values.filter { $0 > 32 && $0 < 208 }).count >= 2)
  }

  @Test func labelsAreWrittenAndDiffer() {
    func sheet(_ label: String) -> Image { ImageGrid(rows: [.init(label, [cell(9)])]).image() }
    #expect(sheet("filled") != sheet("masked"))
    #expect(sheet("a").width < sheet("aa").width)
    // Without ink in front of the picture, the label would be missing.
    let labelled = sheet("original")
    let inked = (0..<labelled.height).contains { row in
      (0..<60).contains { labelled.pixels[(row * labelled.width + $0) * 3] == 32 }
    }
    #expect(inked)
  }

  @Test func everyCharacterHasItsOwnShape() {
    let sheets = (32...126).map { code in
      ImageGrid(rows: [.init(String(UnicodeScalar(UInt8(code))), [cell(9)])]).image().pixels
    }
    #expect(Set(sheets).count == 95)
    let unknown = ImageGrid(rows: [.init("é", [cell(9)])]).image().pixels
    #expect(unknown == sheets[Int(UInt8(ascii: "?")) - 32])
  }

  @Test func raggedRowsAndGreyPictures() {
    let grey = Image(width: 64, height: 64, channels: 1, filledWith: 9)
    let grid = ImageGrid(rows: [.init("", [grey]), .init("", [grey, grey, grey])])
    let sheet = grid.image()
    #expect(sheet.channels == 3 && contains(sheet, Image(width: 192, height: 192, filledWith: 9)))
  }

  private func contains(_ sheet: Image, _ picture: Image) -> Bool {
    (0...sheet.height - picture.height).contains { top in
      (0...sheet.width - picture.width).contains { left in
        // The first row decides nearly always.
        (0..<picture.height).allSatisfy { row in
          let start = ((top + row) * sheet.width + left) * 3
          let rowStart = row * picture.width * 3
          return sheet.pixels[start..<start + picture.width * 3]
            == picture.pixels[rowStart..<rowStart + picture.width * 3]
        }
      }
    }
  }
}
