import Models
import TensorCore
import Testing

@Suite struct LatentPathTests {
  private func length(_ vector: [Float]) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  private func rows(_ tensor: Tensor) -> [[Float]] {
    let (count, elements) = (tensor.shape[1], tensor.elements)
    return (0..<tensor.shape[0]).map { Array(elements[$0 * count..<($0 + 1) * count]) }
  }

  /// Vectors are functions of seed and number, normally distributed.
  @Test func drawnVectors() {
    let vectors = latentVectors(0..<100, count: 101, seed: 3, purpose: .sample)
    #expect(vectors.shape == [100, 101])
    let part = latentVectors(40..<42, count: 101, seed: 3, purpose: .sample)
    #expect(rows(part) == Array(rows(vectors)[40..<42]))
    #expect(
      latentVectors(0..<100, count: 101, seed: 4, purpose: .sample).elements != vectors.elements)
    let values = vectors.elements.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    #expect(abs(Double(values.count { abs($0) < 1 }) / Double(values.count) - 0.6827) < 0.02)
  }

  @Test func aTurnKeepsTheLength() {
    let (a, b): ([Float], [Float]) = ([3, 0, 0], [0, 0, 3])
    for (position, expected) in [(0.0, a), (1.0, b)] {
      let found = sphericalInterpolation(a, b, position: position)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    let third = sphericalInterpolation(a, b, position: 1.0 / 3)
    #expect(abs(length(third) - 3) < 1e-6)
    // 30 of 90 degrees.
    #expect(abs(Double(third[0]) - 3 * 0.75.squareRoot()) < 1e-6 && abs(third[2] - 1.5) < 1e-6)
    // One direction: a straight line.
    #expect(sphericalInterpolation([1, 1], [3, 3], position: 0.5) == [2, 2])
    #expect(sphericalInterpolation([0, 0], [0, 0], position: 0.5) == [0, 0])
  }

  @Test func aWalkLeadsPastTheVectors() {
    let vectors = latentVectors(0..<3, count: 10, seed: 1, purpose: .sample)
    let walk = rows(LatentPath(vectors, steps: 4).latents)
    #expect(walk.count == 9)
    for (index, vector) in rows(vectors).enumerated() {
      #expect(zip(walk[4 * index], vector).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    #expect(LatentPath(vectors).latents.elements == vectors.elements)
    let shortened = LatentPath(vectors, truncation: 0.5).latents.elements
    #expect(shortened == vectors.elements.map { $0 * 0.5 })
    #expect(LatentPath(vectors, truncation: 0).latents.elements.allSatisfy { $0 == 0 })
  }
}
