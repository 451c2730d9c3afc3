import Foundation
import TensorCore

/// What the packages lpips, pytorch-fid and scipy gave, see Tests/Fixtures/metrics/metrics.py.
struct ScoringFixture: Decodable {
  struct DrawnTensor: Decodable {
    let name: String
    let shape: [Int]
    let seed: UInt32
    let offset: Float
    let scale: Float

    var tensor: Tensor {
      let values = drawn(shape.reduce(1, *), seed: seed)
      return Tensor(values.map { offset + scale * $0 }, shape: Shape(shape))
    }
  }

  struct Distances: Decodable {
    let net: String
    let side: Int
    let tensors: [DrawnTensor]
    let distances: [Double]
  }

  struct Features: Decodable {
    let side: Int
    let tensors: [DrawnTensor]
    let features: [Float]
  }

  let lpips: [Distances]
  let inception: Features

  static func read() throws -> ScoringFixture {
    let path = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/metrics/metrics.json")
    return try JSONDecoder().decode(ScoringFixture.self, from: Data(contentsOf: path))
  }
}

extension [ScoringFixture.DrawnTensor] {
  var weights: [String: Tensor] {
    Dictionary(uniqueKeysWithValues: map { ($0.name, $0.tensor) })
  }
}

/// Numbers in [-1, 1) by the generator of metrics.py.
func drawn(_ count: Int, seed: UInt32) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return Float(state >> 8) / 8_388_608 - 1
  }
}
