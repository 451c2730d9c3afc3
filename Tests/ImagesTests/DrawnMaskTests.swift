import Images
import TensorCore
import Testing

@Suite struct DrawnMaskTests {
  @Test func resizingLeavesNoGreyAndKeepsTheArea() throws {
    let drawing = Image(
      width: 64, height: 64, channels: 1,
      pixels: (0..<64 * 64).map { $0 % 64 >= 16 && $0 / 64 >= 32 ? 255 : 0 })
    for side in [16, 32, 128, 256] {
      let mask = try HoleMask(drawing: drawing, name: "drawing", width: side, height: side)
      // The corner's pixel may fall to either side.
      #expect(abs(mask.holeArea - side * side * 3 / 8) <= 1)
    }
  }

  @Test func otherProportionsAreCropped() throws {
    let wide = Image(
      width: 40, height: 20, channels: 1,
      pixels: (0..<800).map { (10..<30).contains($0 % 40) ? 255 : 0 })
    let square = try HoleMask(drawing: wide, name: "wide", width: 10, height: 10)
    #expect(square.holeArea == 100)
    let tall = try HoleMask(
      drawing: wide.oriented(.turnRight), name: "tall", width: 10, height: 10)
    #expect(tall.holeArea == 100)
  }

  @Test func shiftsKeepTheAreaAndFlipsMirror() throws {
    try withTemporaryFolder { folder in
      let path = folder + "mask.png"
      try HoleMask(width: 16, height: 16) { row, column in row < 5 && column < row }.image
        .write(to: path)
      let subject = MaskSubject(width: 16, height: 16)
      var seen: Set<[UInt8]> = []
      for sample in 0..<100 {
        var random = testRandom(12, case: sample)
        let shifted = try DrawnMask(paths: [path], shifts: true).mask(for: subject, using: &random)
        #expect(shifted.holeArea == 10)
        let flipped = try DrawnMask(paths: [path], flips: true).mask(for: subject, using: &random)
        seen.insert(flipped.values)
      }
      #expect(seen.count == 4)
    }
  }

  @Test func blackMasksAndMissingFilesAreRefusedByName() throws {
    #expect(throws: ImageError("black.png", .noHole)) {
      try HoleMask(
        drawing: Image(width: 8, height: 8, filledWith: 90), name: "black.png", width: 8, height: 8)
    }
    var random = testRandom(13)
    #expect(throws: ImageError.self) {
      try DrawnMask(paths: ["/no/such/mask.png"]).mask(
        for: MaskSubject(width: 8, height: 8), using: &random)
    }
  }
}
