import Autodiff
import Foundation
import Losses
import TensorCore
import TestSupport
import Testing

@Suite("Losses on patches")
struct PatchLossTests {
  private static func softplus(_ x: Double) -> Double { log1p(exp(x)) }

  /// Two pictures of 4x4 patches, 16x16 pixels; holes that cover patches whole, in part and not at all.
  private static let holes = ReferenceTensor(shape: [2, 1, 16, 16]) {
    let (row, column) = ($0 / 16 % 16, $0 % 16)
    return $0 < 256 ? (row < 6 && column < 10 ? 1 : 0) : (column >= 12 ? 1 : 0)
  }
  private static let shares = ReferenceTensor(shape: [2, 1, 4, 4]) { patch in
    let (picture, row, column) = (patch / 16, patch / 4 % 4, patch % 4)
    var sum = 0.0
    for y in 0..<4 {
      for x in 0..<4 { sum += holes[picture, 0, 4 * row + y, 4 * column + x] }
    }
    return sum / 16
  }

  @Test func discriminator() {
    #expect(Set(Self.shares.elements).count > 2)
    GradientCheck("patch discriminator").expectGradients(
      of: [.values([2, 1, 4, 4]), .values([2, 1, 4, 4])],
      operation: { patchDiscriminatorLoss(real: $0[0], fake: $0[1], holes: Self.holes.tensor()) },
      reference: { inputs in
        let real = inputs[0].map { Self.softplus(-$0) }.sum / 32
        let fake = inputs[1].elements.indices.reduce(0.0) { sum, index in
          let (logit, share) = (inputs[1].elements[index], Self.shares.elements[index])
          return sum + share * Self.softplus(logit) + (1 - share) * Self.softplus(-logit)
        }
        return ReferenceTensor([(real + fake / 32) / 2], shape: [])
      })
  }

  @Test func generator() {
    GradientCheck("patch generator").expectGradients(
      of: [.values([2, 1, 4, 4])], operation: { patchGeneratorLoss(fake: $0[0]) },
      reference: { ReferenceTensor([$0[0].map { Self.softplus(-$0) }.sum / 32], shape: []) })
  }

  /// A discriminator that knows the hole is better off than one that calls the whole picture fake.
  @Test func knownPatchesAreOriginal() {
    let real = Variable(Tensor(repeating: 3, shape: [2, 1, 4, 4]))
    func loss(_ fake: ReferenceTensor) -> Float {
      patchDiscriminatorLoss(
        real: real, fake: Variable(fake.tensor()), holes: Self.holes.tensor()
      ).value.scalar
    }
    let knows = Self.shares.map { $0 > 0.5 ? -3 : 3 }
    #expect(loss(knows) < loss(ReferenceTensor(repeating: -3, shape: [2, 1, 4, 4])))
  }
}
