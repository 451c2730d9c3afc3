import Autodiff
import Losses
import Models
import TensorCore

/// What generator and discriminator want of the discriminator's logits.
package enum AdversarialObjective: Sendable {
  /// Originals above the mean composite and composites below the mean original, or the other way round.
  case relativistic
  /// Each patch says how much of it is filled.
  case patches

  /// Whether only differences between logits mean something.
  var isRelativistic: Bool { self == .relativistic }

  /// The generator's loss; the discriminator's is another graph.
  func generatorLoss(_ judgement: Judgement) -> Variable {
    switch self {
    case .relativistic:
      relativisticLoss(
        real: judgement.real.logits.detached, fake: judgement.fake.logits, realLabel: 0,
        means: judgement.means.map { ($0.real.detached, $0.fake) })
    case .patches:
      patchGeneratorLoss(fake: judgement.fake.logits)
    }
  }

  /// The discriminator's loss: 0.69 where it can tell nothing.
  func discriminatorLoss(_ judgement: Judgement) -> Variable {
    switch self {
    case .relativistic:
      relativisticLoss(
        real: judgement.real.logits, fake: judgement.fake.logits, realLabel: 1,
        means: judgement.means)
    case .patches:
      patchDiscriminatorLoss(
        real: judgement.real.logits, fake: judgement.fake.logits, holes: judgement.holes)
    }
  }
}

/// What the discriminator says of one replica's originals and composites.
struct Judgement {
  let real: DiscriminatorOutput
  let fake: DiscriminatorOutput
  /// The means of the logits over the whole batch; nil where the replica has its own.
  let means: (real: Variable, fake: Variable)?
  /// The holes where the discriminator saw them, 1 = hole, [N, 1, H, W].
  let holes: Tensor
}
