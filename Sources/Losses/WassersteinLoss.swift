package import Autodiff
import TensorCore

/// The loss of a Wasserstein critic without its penalty: `mean(fake) - mean(real)`.
///
/// Scores that come from passes of their own, with the same operations, keep what real pictures and
/// fakes have in common out of the gradient exactly: of one pass over both, rounding would be left,
/// which Adam takes for a direction.
///
/// - Parameters:
///   - real: Scores of real pictures, [N, 1].
///   - fake: Scores of fakes, [N, 1].
/// - Returns: [].
/// - Reference: Arjovsky et al. 2017, arXiv 1701.07875; docs/models/deepfill.md 3.
package func wassersteinLoss(real: Variable, fake: Variable) -> Variable {
  fake.mean() - real.mean()
}
