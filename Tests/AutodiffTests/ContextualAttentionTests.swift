import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Contextual attention")
struct ContextualAttentionTests {
  /// Sizes of the grid of places, and places that may not be taken from.
  struct Case: Sendable {
    let batch: Int
    let height: Int
    let width: Int
    let channels: (match: Int, source: Int)
    let invalid: Set<Int>
    var seeds = 20

    var count: Int { height * width }
    var valid: [Double] { (0..<batch * count).map { invalid.contains($0) ? 0 : 1 } }
    var match: [Int] { [batch, channels.match, height, width] }
    var source: [Int] { [batch, channels.source, 2 * height, 2 * width] }

    func attention(_ norm: PatchNorm, scale: Float = 1) -> ContextualAttention {
      ContextualAttention(
        valid: Tensor(valid.map { Float($0) }, shape: [batch, count]), norm: norm, scale: scale)
    }
  }

  static let cases = [
    Case(batch: 1, height: 3, width: 3, channels: (2, 2), invalid: [4]),
    // A hole of its own in each picture; height and width differ.
    Case(batch: 2, height: 2, width: 4, channels: (9, 3), invalid: [1, 2, 15], seeds: 10),
    // Nothing to take from in the first picture, everything in the second.
    Case(batch: 2, height: 3, width: 2, channels: (2, 1), invalid: Set(0..<6), seeds: 5),
    // Several bands of rows, with columns that go on at the other end of the grid.
    Case(batch: 1, height: 17, width: 2, channels: (1, 1), invalid: [5, 6, 20], seeds: 3),
  ]

  private static func inputs(_ shapes: Case) -> [GradientCheck.Input] {
    [
      .featureMaps(shapes.match) { ReferenceTensor.random($0, in: -0.3...0.3, using: &$1) },
      .featureMaps(shapes.source),
    ]
  }

  @Test(arguments: cases.indices, [PatchNorm.offset, .clamped])
  func gradients(_ index: Int, norm: PatchNorm) {
    let shapes = Self.cases[index]
    var check = GradientCheck("attention \(index), \(norm)")
    check.seeds = shapes.seeds
    check.expectGradients(
      of: Self.inputs(shapes),
      operation: { $0[1].rebuilt(matching: $0[0], by: shapes.attention(norm)) },
      reference: { $0[1].rebuilt(matching: $0[0], valid: shapes.valid, norm: norm, scale: 1) })
  }

  @Test(arguments: cases.indices, [PatchNorm.offset, .clamped])
  func fusedBackwardEqualsDefinition(_ index: Int, norm: PatchNorm) {
    let shapes = Self.cases[index]
    expectFusedBackwardEqualsDefinition("attention \(index)", of: Self.inputs(shapes)) {
      $0[1].rebuilt(matching: $0[0], by: shapes.attention(norm))
    }
  }

  @Test(arguments: [PatchNorm.offset, .clamped])
  func secondDerivatives(_ norm: PatchNorm) {
    let shapes = Case(batch: 1, height: 2, width: 3, channels: (2, 1), invalid: [4])
    var check = SecondDerivativeCheck("attention")
    check.seeds = 5
    check.expectPenaltyGradients(
      of: Self.inputs(shapes),
      operation: {
        $0[1].rebuilt(matching: $0[0], by: shapes.attention(norm)).weightedSquares()
      },
      reference: {
        $0[1].rebuilt(matching: $0[0], valid: shapes.valid, norm: norm, scale: 1)
          .weightedSquares()
      })
  }

  /// A patch that is zero, where the clamped norm has a kink: its gradient is finite.
  @Test(arguments: [PatchNorm.offset, .clamped])
  func emptyFeatures(_ norm: PatchNorm) {
    let shapes = Self.cases[0]
    let leaves = [shapes.match, shapes.source].map {
      Variable.leaf(Tensor(repeating: 0, shape: Shape($0)))
    }
    let output = leaves[1].rebuilt(matching: leaves[0], by: shapes.attention(norm))
    let ones = Variable(Tensor(repeating: 1, shape: output.shape))
    for gradient in Autodiff.gradients(of: [(output, ones)], by: leaves) {
      #expect(gradient?.value.elements.allSatisfy { $0.isFinite } == true)
    }
  }
}
