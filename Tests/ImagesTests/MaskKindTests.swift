import Images
import TensorCore
import Testing

@Suite struct MaskKindTests {
  private static let drawn = DrawnMask(
    paths: [fixtures + "photo0.64.mask.png"], flips: true, shifts: true)
  private static let kinds: [any MaskKind] =
    [
      RectangleMask(), RectangleMask.centre, BrushMask(), HalfImageMask(), SurroundingMask(),
      MosaicMask(), drawn, MixedMask([(RectangleMask(), 1), (BrushMask(), 2)]),
    ] + FacePartMask.Part.allCases.map { FacePartMask([$0]) as any MaskKind }

  private func mask(
    _ kind: any MaskKind, side: Int = 64, sample: Int = 0
  ) throws -> HoleMask {
    var random = CounterBasedRandom(seed: 5, purpose: .mask, epoch: 2, sample: sample)
    return try kind.mask(for: MaskSubject(width: side, height: side), using: &random)
  }

  @Test(arguments: kinds.indices)
  func masksAreFunctionsOfTheirSample(index: Int) throws {
    let kind = Self.kinds[index]
    for sample in 0..<20 {
      for (width, height) in [(64, 64), (33, 20), (8, 8)] {
        var random = CounterBasedRandom(seed: 5, purpose: .mask, sample: sample)
        var again = random
        let subject = MaskSubject(width: width, height: height)
        let mask = try kind.mask(for: subject, using: &random)
        #expect(try kind.mask(for: subject, using: &again) == mask)
        #expect((mask.width, mask.height) == (width, height))
        #expect(mask.holeArea > 0 && mask.holeArea < width * height)
        #expect((mask.box.width, mask.box.height) == (width / 2, height / 2))
        #expect(mask.box.rows.clamped(to: 0..<height) == mask.box.rows)
        #expect(mask.box.columns.clamped(to: 0..<width) == mask.box.columns)
      }
    }
  }

  @Test func rectanglesAreThePublishedOnes() throws {
    var (tops, lefts, heights, widths) = (Set<Int>(), Set<Int>(), Set<Int>(), Set<Int>())
    for sample in 0..<3000 {
      let mask = try mask(RectangleMask(), side: 64, sample: sample)
      let hole = try #require(boundingBox(of: mask))
      #expect(mask.holeArea == hole.area)
      // The hole lies in the middle of its box, so the same is cut off at opposite edges.
      #expect(2 * hole.top + hole.height == 2 * mask.box.top + mask.box.height)
      #expect(2 * hole.left + hole.width == 2 * mask.box.left + mask.box.width)
      tops.insert(mask.box.top)
      lefts.insert(mask.box.left)
      heights.insert(hole.height)
      widths.insert(hole.width)
    }
    #expect(tops == Set(0...32) && lefts == Set(0...32))
    #expect(heights == [24, 26, 28, 30, 32] && widths == heights)
  }

  @Test(arguments: [64, 128, 256])
  func centredRectangleIsTheMiddleHalf(side: Int) throws {
    let mask = try mask(RectangleMask.centre, side: side)
    let expected = Rectangle(top: side / 4, left: side / 4, height: side / 2, width: side / 2)
    #expect(mask.box == expected && boundingBox(of: mask) == expected)
    #expect(mask.holeArea == expected.area)
  }

  @Test func brushesVary() throws {
    let areas = try (0..<200).map { try mask(BrushMask(), sample: $0).holeArea }
    #expect(Set(areas).count > 150)
    let mean = Double(areas.reduce(0, +)) / 200 / (64 * 64)
    #expect((0.08...0.35).contains(mean), "\(mean)")
  }

  /// Strokes grow with the image, so that a mask covers about the same part at every size.
  @Test func brushesScale() throws {
    for side in [32, 128, 256] {
      let part = try (0..<100).map {
        Double(try mask(BrushMask(), side: side, sample: $0).holeArea) / Double(side * side)
      }.reduce(0, +)
      #expect((8...35).contains(part), "\(part) % at \(side)")
    }
  }

  @Test(arguments: HalfImageMask.Half.allCases)
  func halves(half: HalfImageMask.Half) throws {
    let mask = try mask(HalfImageMask(half), side: 8)
    #expect(mask.holeArea == 32)
    let hole = try #require(boundingBox(of: mask))
    let expected: Rectangle =
      switch half {
      case .left: Rectangle(top: 0, left: 0, height: 8, width: 4)
      case .right: Rectangle(top: 0, left: 4, height: 8, width: 4)
      case .top: Rectangle(top: 0, left: 0, height: 4, width: 8)
      case .bottom: Rectangle(top: 4, left: 0, height: 4, width: 8)
      }
    #expect(hole == expected)
  }

  @Test func surroundingKeepsTheMiddle() throws {
    let mask = try mask(SurroundingMask(), side: 16)
    #expect(mask.holeArea == 256 - 64)
    #expect(mask.values[8 * 16 + 8] == 0 && mask.values[0] == 1)
  }

  @Test func mosaicHasItsDensity() throws {
    for sample in 0..<20 {
      #expect(try mask(MosaicMask(), side: 64, sample: sample).holeArea == 64 * 64 / 4)
    }
  }

  @Test func mixturesFollowTheirWeights() throws {
    let mixed = MixedMask([
      (RectangleMask.centre, 3), (SurroundingMask(), 1), (HalfImageMask(.left), 0),
    ])
    let isCentre = try (0..<2000).map { try mask(mixed, sample: $0).values[0] == 0 }
    let centres = isCentre.count { $0 }
    #expect((1400...1600).contains(centres))
    for sample in 0..<2000 where !isCentre[sample] {
      #expect(try mask(mixed, sample: sample).holeArea == 64 * 64 * 3 / 4)
    }
  }
}

/// The smallest rectangle around a hole.
func boundingBox(of mask: HoleMask) -> Rectangle? {
  let hole = mask.values.indices.filter { mask.values[$0] == 1 }
  let rows = hole.map { $0 / mask.width }
  let columns = hole.map { $0 % mask.width }
  guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(),
    let right = columns.max()
  else { return nil }
  return Rectangle(top: top, left: left, height: bottom - top + 1, width: right - left + 1)
}
