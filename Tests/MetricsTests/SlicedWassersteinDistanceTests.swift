import Foundation
import Images
import Metrics
import Testing

/// Against numpy: Tests/Comparisons/swd_numpy.py.
@Suite struct SlicedWassersteinDistanceTests {
  private struct Fixture: Decodable {
    struct Level: Decodable {
      let first: [Int]
      let second: [Int]
      let directions: [Float]
      let distance: Double
      let sum: Double
    }
    let count: Int
    let levels: [Level]
  }

  /// The pictures of the fixture, by their formula.
  private func picture(_ number: Int, side: Int = 64) -> Image {
    Image(
      width: side, height: side, channels: 3,
      pixels: (0..<side * side * 3).map { index in
        let (y, x, c) = (index / 3 / side, index / 3 % side, index % 3)
        let sum = x * (number + 3) + y * (2 * number + 5) + c * 37 + x * y / (number + 2)
        return UInt8(sum * 29 % 256)
      })
  }

  @Test func equalsNumpy() throws {
    let path = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/metrics/swd.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
    #expect(fixture.levels.count == 3)
    for (level, expected) in fixture.levels.enumerated() {
      let first = LaplacianLevel(level, of: 3, picture(0))
      #expect(first.side == 64 >> level)
      let sum = first.values.reduce(0) { $0 + Double(abs($1)) }
      #expect(abs(sum - expected.sum) < 1e-5 * expected.sum)
      func patches(_ start: Int, _ corners: [Int]) -> [Float] {
        let perPicture = corners.count / 2 / fixture.count
        return normalizedPatches(
          (0..<fixture.count).map { index in
            let places = (0..<perPicture).map { patch in
              let place = 2 * (index * perPicture + patch)
              return (row: corners[place], column: corners[place + 1])
            }
            return (LaplacianLevel(level, of: 3, picture(start + index)), places)
          })
      }
      let distance = slicedDistance(
        patches(0, expected.first), patches(10, expected.second), directions: expected.directions)
      #expect(abs(distance - expected.distance) < 1e-5 * expected.distance, "level \(level)")
    }
  }

  @Test func levelsHalveDownTo16Pixels() {
    let levels = SlicedWassersteinDistance.levelSides
    #expect(levels(64) == [64, 32, 16] && levels(32) == [32, 16])
    #expect(levels(256) == [256, 128, 64, 32] && levels(8).isEmpty)
  }

  /// The same pictures are near, others far, and the seed decides every bit.
  @Test func tellsPicturesApart() {
    let (some, others) = (
      (0..<6).map { picture($0, side: 32) }, (20..<26).map { picture($0, side: 32) }
    )
    let flat = (0..<6).map { Image(width: 32, height: 32, filledWith: UInt8($0)) }
    for level in 0..<2 {
      let distance = SlicedWassersteinDistance(seed: 1)
      let (same, different) = (
        distance.distance(level: level, some, some), distance.distance(level: level, some, others)
      )
      #expect(same > 0 && same < 0.8 * different, "\(same), \(different)")
      #expect(distance.distance(level: level, some, others) == different)
      #expect(
        SlicedWassersteinDistance(seed: 2).distance(level: level, some, others) != different)
      #expect(distance.distance(level: level, some, flat).isFinite)
    }
  }
}
