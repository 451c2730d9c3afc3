import Autodiff
import Losses
import TensorCore
import TestSupport
import Testing

@Suite struct FillingDistanceTests {
  private let holes = Tensor([0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0], shape: [3, 1, 2, 2])

  private func drawn(_ sample: Int) -> ReferenceTensor {
    var random = CounterBasedRandom(seed: 4, purpose: .test, sample: sample)
    return .random([3, 3, 2, 2], using: &random)
  }

  /// Each picture by its own hole; the last one has none.
  private func expected(_ output: ReferenceTensor, _ other: ReferenceTensor) -> Double {
    let holes = holes.elements
    return (0..<3).reduce(0) { total, picture in
      let missing = (0..<4).filter { holes[picture * 4 + $0] == 1 }
      guard !missing.isEmpty else { return total }
      let sum = (0..<3).reduce(0.0) { sum, channel in
        missing.reduce(sum) { sum, pixel in
          let index = (picture * 3 + channel) * 4 + pixel
          return sum + abs(output.elements[index] - other.elements[index])
        }
      }
      return total + sum / Double(3 * missing.count) / 3
    }
  }

  @Test func isTheMeanOverHoles() {
    let (output, other) = (drawn(0), drawn(1))
    let distance = fillingDistance(
      Variable(output.tensor()), other: other.tensor(), holes: holes)
    #expect(abs(Double(distance.value.scalar) - expected(output, other)) < 1e-6)
  }

  @Test func fitsFiniteDifferences() {
    let other = ReferenceTensor(repeating: 2, shape: [3, 3, 2, 2])
    GradientCheck("distance of fillings").expectGradients(
      of: [.values([3, 3, 2, 2])],
      operation: { fillingDistance($0[0], other: other.tensor(), holes: holes) },
      reference: { ReferenceTensor([expected($0[0], other)], shape: []) })
  }
}
