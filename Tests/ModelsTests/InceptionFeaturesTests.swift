import Models
import TensorCore
import Testing

@Suite struct InceptionFeaturesTests {
  @Test func equalsTheNetworkOfPyTorchFID() throws {
    let fixture = try ScoringFixture.read().inception
    let expected = Set(
      InceptionFeatures.expectedShapes.map { "\($0.name) \($0.shape.dimensions)" })
    #expect(Set(fixture.tensors.map { "\($0.name) \($0.shape)" }) == expected)

    let network = InceptionFeatures(weights: fixture.tensors.weights)
    let shape: Shape = [1, 3, fixture.side, fixture.side]
    // The package takes [0, 1] and makes [-1, 1] of it.
    let features = network(Tensor(drawn(shape.elementCount, seed: 9003), shape: shape))
    #expect(features.shape == [1, InceptionFeatures.count])
    let largest = fixture.features.max() ?? 0
    features.withUnsafeFloats { values in
      for (index, expected) in fixture.features.enumerated() {
        #expect(
          abs(values[index * 16] - expected) < 2e-4 * largest,
          "feature \(index * 16): \(values[index * 16]), not \(expected)")
      }
    }
  }
}
