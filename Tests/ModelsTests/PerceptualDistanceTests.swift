import Models
import TensorCore
import Testing

@Suite struct PerceptualDistanceTests {
  @Test(arguments: [0, 1])
  func equalsLPIPS(number: Int) throws {
    let fixture = try ScoringFixture.read().lpips[number]
    let backbone = try #require(PerceptualDistance.Backbone(rawValue: fixture.net))
    let expected = Set(
      PerceptualDistance.expectedShapes(backbone).map { "\($0.name) \($0.shape.dimensions)" })
    #expect(Set(fixture.tensors.map { "\($0.name) \($0.shape)" }) == expected)

    let distance = PerceptualDistance(backbone, weights: fixture.tensors.weights)
    let shape: Shape = [2, 3, fixture.side, fixture.side]
    let a = drawn(shape.elementCount, seed: 9001)
    let b = zip(a, drawn(shape.elementCount, seed: 9002)).map { $1 * 0.5 + $0 * 0.5 }
    let (first, second) = (Tensor(a, shape: shape), Tensor(b, shape: shape))
    let distances = distance(first, second)
    #expect(distances.count == 2)
    for (value, expected) in zip(distances, fixture.distances) {
      #expect(abs(value - expected) < 1e-4 * expected, "\(value), not \(expected)")
    }
    #expect(distance(first, first) == [0, 0])
    let symmetric = zip(distance(second, first), distances).allSatisfy { abs($0 - $1) < 1e-9 }
    #expect(symmetric)
  }
}
