import TensorCore
import TestSupport
import Testing

/// Each comparison must fail on a seeded fault.
@Suite("Comparison of arrays")
struct ClosenessTests {
  private let expected = ReferenceTensor([1, -2, 3, 4], shape: [2, 2])
  private let tolerances: [Tolerance] = [
    .normwise(1e-3), .elementwise(absolute: 1e-3, relative: 0), .exact,
  ]

  @Test func equalArraysAreClose() {
    for tolerance in tolerances {
      #expect(discrepancy(expected.tensor(), expected, tolerance) == nil)
    }
  }

  @Test func shapesComeFirst() {
    for tolerance in tolerances {
      #expect(
        discrepancy(expected.reshaped(to: [4]), expected, tolerance)
          == "shape [4], expected [2, 2]")
    }
  }

  @Test func aNumberThatIsNoneNeverPasses() {
    let broken = ReferenceTensor([1, -2, .nan, 4], shape: [2, 2])
    for tolerance in tolerances {
      #expect(discrepancy(broken, expected, tolerance)?.contains("[1, 0] nan") == true)
      #expect(discrepancy(expected, broken, tolerance) != nil)
      #expect(discrepancy(broken, broken, tolerance) != nil)
    }
  }

  @Test func theWorstElementIsNamed() {
    let broken = ReferenceTensor([1.01, -2, 3, 4.5], shape: [2, 2])
    for tolerance in tolerances {
      let problem = discrepancy(broken, expected, tolerance)
      #expect(problem?.contains("at [1, 1] 4.5, expected 4.0") == true)
    }
  }

  @Test func infinitiesMustBeInTheSamePlaces() {
    let broken = ReferenceTensor([1, -2, 3, .infinity], shape: [2, 2])
    for tolerance in tolerances {
      #expect(discrepancy(broken, expected, tolerance) != nil)
      #expect(discrepancy(expected, broken, tolerance) != nil)
    }
  }

  @Test func nothingButZeroIsCloseToZero() {
    let zero = ReferenceTensor(repeating: 0, shape: [2, 2])
    #expect(discrepancy(zero, zero, .normwise(1e-3)) == nil)
    #expect(discrepancy(expected * 1e-20, zero, .normwise(1e-3)) != nil)
  }

  @Test func anExpectationRecordsAnIssue() {
    withKnownIssue {
      expectClose(expected * 1.1, expected)
    }
    withKnownIssue {
      var tensor = Tensor(repeating: 0, shape: [1, 3, 1, 1]).converted(toBlock: 8)
      tensor.withUnsafeMutableFloats { $0[5] = 1 }
      expectPaddingIsZero(tensor)
    }
  }

}

extension Tensor {
  fileprivate func converted(toBlock block: Int) -> Tensor {
    reference.tensor(layout: .blocked(block))
  }
}
