import Images
import TensorCore
import Testing

@Suite struct HoleMaskTests {
  @Test func localCropIsTheBestByTrial() {
    for number in 0..<300 {
      var random = testRandom(8, case: number)
      let (width, height) = (random.integer(in: 2...12), random.integer(in: 2...12))
      let density = random.integer(in: 1...9)
      let hole = (0..<width * height).map { _ in
        UInt8(random.integer(in: 0...9) < density ? 1 : 0)
      }
      let crop = localCrop(ofHole: hole, width: width, height: height)
      #expect(crop == cropByTrial(hole, width: width, height: height))
    }
  }

  @Test func localCropWithoutHoleIsCentred() {
    let crop = localCrop(ofHole: [UInt8](repeating: 0, count: 64), width: 8, height: 8)
    #expect(crop == Rectangle(top: 2, left: 2, height: 4, width: 4))
  }

  @Test func pictureAndBack() throws {
    let mask = HoleMask(width: 8, height: 6) { row, column in row > 2 && column < 3 }
    #expect(mask.holeArea == 9)
    let again = try HoleMask(drawing: mask.image, name: "mask", width: 8, height: 6)
    #expect(again == mask)
  }

  @Test func paintingKeepsKnownPixels() {
    var random = testRandom(9)
    let image = noise(width: 8, height: 6, channels: 4, using: &random)
    let mask = HoleMask(width: 8, height: 6) { row, column in (row + column) % 2 == 0 }
    let painted = mask.painted(on: image, value: 7)
    for pixel in 0..<48 {
      let isHole = mask.values[pixel] == 1
      for channel in 0..<4 {
        let position = 4 * pixel + channel
        #expect(painted.pixels[position] == (isHole && channel < 3 ? 7 : image.pixels[position]))
      }
    }
  }

  @Test func flippingMovesTheBox() {
    var random = testRandom(10)
    let mask = RectangleMask().mask(
      for: MaskSubject(width: 20, height: 16), using: &random)
    let flipped = mask.flippedHorizontally()
    #expect(flipped.box.left == 20 - mask.box.left - 10)
    #expect(flipped.flippedHorizontally() == mask && flipped.holeArea == mask.holeArea)
  }

  /// The rule, computed in the plainest way with exact fractions.
  private func cropByTrial(_ hole: [UInt8], width: Int, height: Int) -> Rectangle {
    let (cropHeight, cropWidth) = (height / 2, width / 2)
    var (area, rowSum, columnSum) = (0, 0, 0)
    for position in hole.indices where hole[position] == 1 {
      area += 1
      rowSum += position / width
      columnSum += position % width
    }
    var best: (key: (Int, Int), crop: Rectangle)?
    for top in 0...height - cropHeight {
      for left in 0...width - cropWidth {
        var covered = 0
        for row in top..<top + cropHeight {
          for column in left..<left + cropWidth { covered += Int(hole[row * width + column]) }
        }
        // Twice the distance between the centres, times the hole's area; without a hole, to the
        // middle.
        let down =
          area > 0
          ? area * (2 * top + cropHeight - 1) - 2 * rowSum : 2 * (top - (height - cropHeight) / 2)
        let right =
          area > 0
          ? area * (2 * left + cropWidth - 1) - 2 * columnSum : 2 * (left - (width - cropWidth) / 2)
        let key = (-covered, down * down + right * right)
        if best.map({ key < $0.key }) ?? true {
          best = (key, Rectangle(top: top, left: left, height: cropHeight, width: cropWidth))
        }
      }
    }
    return best!.crop
  }
}
