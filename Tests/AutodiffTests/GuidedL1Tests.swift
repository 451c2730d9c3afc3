import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Guided L1")
struct GuidedL1Tests {
  private let target: ReferenceTensor
  private let guide: ReferenceTensor

  init() {
    var random = CounterBasedRandom(test: 0)
    target = ReferenceTensor.random([2, 9, 3, 4], in: 2...3, using: &random)
    guide = ReferenceTensor.random([2, 1, 3, 4], in: 0...2, using: &random)
  }

  @Test(arguments: [false, true])
  func gradients(isGuided: Bool) {
    let guide = isGuided ? guide : nil
    GradientCheck("guided L1").expectGradients(
      of: [.featureMaps([2, 9, 3, 4])],
      operation: { $0[0].meanAbsoluteDifference(to: target.tensor(), guide: guide?.tensor()) },
      reference: {
        ReferenceTensor([$0[0].guidedL1(to: target, guide: guide) / 216], shape: [])
      })
  }

  @Test(arguments: [false, true])
  func fusedBackward(isGuided: Bool) {
    let guide = isGuided ? guide : nil
    expectFusedBackwardEqualsDefinition("guided L1", of: [.featureMaps([2, 9, 3, 4])]) {
      $0[0].meanAbsoluteDifference(to: target.tensor(), guide: guide?.tensor())
    }
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("guided L1").expectPenaltyGradients(
      of: [.featureMaps([2, 9, 3, 4]) { ReferenceTensor.random($0, in: 0.5...1, using: &$1) }],
      operation: {
        ($0[0] * $0[0]).meanAbsoluteDifference(to: target.tensor(), guide: guide.tensor()) * 20
      },
      reference: { ($0[0] * $0[0]).guidedL1(to: target, guide: guide) / 216 * 20 })
  }
}
