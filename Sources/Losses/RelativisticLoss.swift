package import Autodiff
import TensorCore

/// The relativistic average adversarial loss on logits.
///
/// - Formula: `(bce(real - mean fake, label) + bce(fake - mean real, 1 - label)) / 2`, where bce is
///   the mean binary cross entropy with logits (docs/models/dmfn.md 3.5).
/// - Parameters:
///   - real: Logits of targets, [N, 1].
///   - fake: Logits of composites, [N, 1].
///   - realLabel: 1 for the discriminator's loss, 0 for the generator's.
///   - means: The means of both over the whole batch, [] each, where `real` and `fake` are a part
///     of it; nil for their own means.
/// - Returns: [].
/// - Reference: Jolicoeur-Martineau 2018, arXiv 1807.00734.
package func relativisticLoss(
  real: Variable, fake: Variable, realLabel: Float, means: (real: Variable, fake: Variable)? = nil
) -> Variable {
  func relative(_ a: Variable, to mean: Variable) -> Variable {
    a - mean.reshaped(to: [1, 1]).repeated(to: a.shape)
  }
  func crossEntropy(_ logits: Variable, _ label: Float) -> Variable {
    // log(1 + exp(z)) - label z
    (logits.softplus() - logits * label).mean()
  }
  return
    (crossEntropy(relative(real, to: means?.fake ?? fake.mean()), realLabel)
    + crossEntropy(relative(fake, to: means?.real ?? real.mean()), 1 - realLabel)) * 0.5
}
