package import Autodiff
import TensorCore

/// The loss of a Wasserstein critic without its penalty: `mean(fake) - mean(real)`.
///
/// - Parameter scores: Of the real pictures, then of as many fakes, [2 N, 1].
/// - Returns: [].
/// - Reference: Arjovsky et al. 2017, arXiv 1701.07875; spec/deepfill.md 3.
package func wassersteinLoss(realThenFake scores: Variable) -> Variable {
  let count = scores.shape[0] / 2
  let signs = [Float](repeating: -1, count: count) + [Float](repeating: 1, count: count)
  return (scores * Variable(Tensor(signs, shape: scores.shape))).sum() * (1 / Float(count))
}
