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

  /// The distance of each picture's fillings in its own hole; the last one has none.
  private func distances(_ output: ReferenceTensor, _ other: ReferenceTensor) -> [Double] {
    let holes = holes.elements
    return (0..<3).map { picture in
      let missing = (0..<4).filter { holes[picture * 4 + $0] == 1 }
      guard !missing.isEmpty else { return 0 }
      let sum = (0..<3).reduce(0.0) { sum, channel in
        missing.reduce(sum) { sum, pixel in
          let index = (picture * 3 + channel) * 4 + pixel
          return sum + abs(output.elements[index] - other.elements[index])
        }
      }
      return sum / Double(3 * missing.count)
    }
  }

  private func expected(
    _ output: ReferenceTensor, _ other: ReferenceTensor, limit: Double = .infinity
  ) -> Double {
    distances(output, other).reduce(0) { $0 + min($1, limit) } / 3
  }

  @Test func isTheMeanOverHoles() {
    let (output, other) = (drawn(0), drawn(1))
    let distance = fillingDistance(
      Variable(output.tensor()), other: other.tensor(), holes: holes)
    #expect(abs(Double(distance.value.scalar) - expected(output, other)) < 1e-6)
  }

  /// A picture whose fillings are far enough apart counts the limit and pulls at nothing.
  @Test func isLimitedForEachPicture() throws {
    let (output, other) = (drawn(0), drawn(1))
    let apart = distances(output, other)
    let limit = (apart[0] + apart[1]) / 2
    let fillings = Variable.leaf(output.tensor())
    let distance = fillingDistance(
      fillings, other: other.tensor(), holes: holes, limit: Float(limit))
    #expect(abs(Double(distance.value.scalar) - expected(output, other, limit: limit)) < 1e-6)
    let gradient = try #require(gradients(of: distance, by: [fillings])[0]).value.elements
    for picture in 0..<3 {
      let own = gradient[picture * 12..<(picture + 1) * 12]
      #expect(own.contains { $0 != 0 } == (0 < apart[picture] && apart[picture] < limit))
    }
    let far = fillingDistance(fillings, other: other.tensor(), holes: holes, limit: 3)
    #expect(abs(Double(far.value.scalar) - expected(output, other)) < 1e-6)
  }

  @Test func fitsFiniteDifferences() {
    let other = ReferenceTensor(repeating: 2, shape: [3, 3, 2, 2])
    GradientCheck("distance of fillings").expectGradients(
      of: [.values([3, 3, 2, 2])],
      operation: { fillingDistance($0[0], other: other.tensor(), holes: holes) },
      reference: { ReferenceTensor([expected($0[0], other)], shape: []) })
  }
}
