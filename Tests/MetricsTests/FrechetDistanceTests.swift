import Foundation
import Metrics
import Testing

@Suite struct FrechetDistanceTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      let count: Int
      let size: Int
      let seed: UInt32
      let distance: Double
    }
    let frechet: [Case]
  }

  private func drawn(_ count: Int, seed: UInt32) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 8_388_608 - 1
    }
  }

  @Test func equalsPyTorchFID() throws {
    let path = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/metrics/metrics.json")
    let cases = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path)).frechet
    #expect(cases.count == 3)
    for fixture in cases {
      let count = fixture.count * fixture.size
      let a = drawn(count, seed: fixture.seed)
      let b = zip(drawn(count, seed: fixture.seed + 1), a).map { $0 * 0.7 + 0.2 + $1 * 0.3 }
      let distance = frechetDistance(a, b, size: fixture.size)
      #expect(abs(distance - fixture.distance) < 1e-5, "\(distance), not \(fixture.distance)")
    }
  }

  /// Independent coordinates: the distance is that of means and deviations, coordinate by coordinate.
  @Test func hasTheClosedFormOfIndependentCoordinates() {
    let a: [Float] = [1, 1, 1, -1, -1, 1, -1, -1]
    let b: [Float] = [3, 4, 3, -4, -1, 4, -1, -4]
    // Unbiased deviations: sqrt(4/3) times (1, 1) and (2, 4); means (0, 0) and (1, 0).
    let expected = 1.0 + 4.0 / 3.0 * (1.0 + 9.0)
    #expect(abs(frechetDistance(a, b, size: 2) - expected) < 1e-9)
    #expect(abs(frechetDistance(a, a, size: 2)) < 1e-9)
  }

  /// Fewer vectors than features: the covariances are singular.
  @Test func singularCovariancesHaveADistance() {
    let (a, b) = (drawn(5 * 40, seed: 1), drawn(5 * 40, seed: 2))
    // Roots of eigenvalues that are 0 but for rounding.
    #expect(abs(frechetDistance(a, a, size: 40)) < 1e-5)
    let distance = frechetDistance(a, b, size: 40)
    #expect(distance.isFinite && distance > 0.1)
  }
}
