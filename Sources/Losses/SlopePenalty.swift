package import Autodiff
import Kernels
package import TensorCore

/// The R1 penalty: how steep a discriminator is at original pictures.
///
/// A discriminator that is flat there cannot tell pictures apart by details that the generator will
/// never meet, and its gradient stays useful. The slope is the automatic gradient, recorded, so that
/// the penalty can be differentiated.
///
/// - Formula: `mean over pictures of sum (d sum D(x) / dx)^2`, for each of some batches that are judged
///   together.
/// - Parameters:
///   - pictures: Originals, [N, 3, H, W] each.
///   - judge: The logits of each batch.
/// - Returns: [] for each batch; half of gamma times this is the loss.
/// - Reference: Mescheder et al. 2018, arXiv 1801.04406; lazily every few steps as in Karras et al. 2020,
///   arXiv 1912.04958.
package func slopePenalties(
  of pictures: [Tensor], judge: ([Variable]) -> [Variable]
) -> [Variable] {
  let leaves = pictures.map { Variable.leaf($0.converted(to: .plain)) }
  let logits = judge(leaves)
  let slopes = gradients(
    of: logits.map { ($0.sum(), nil) }, by: leaves, keepsGraph: true, recordsGraph: true)
  return slopes.map { slope in
    guard let slope = slope?.plain() else {
      preconditionFailure("a discriminator looks at its pictures")
    }
    return (slope * slope).sum() * (1 / Float(slope.shape[0]))
  }
}
