package import Autodiff
import CKernels
import Kernels
package import TensorCore

/// The gradient penalty of a Wasserstein critic: how far the norm of its slope is from 1 between real
/// pictures and fakes.
///
/// The slope is the automatic gradient, recorded, so that the penalty's own gradient is that of a
/// gradient; the critic must consist of operations that can be differentiated twice.
///
/// - Formula: `mean (sqrt(sum (slope^2 hole) + 1e-12) - 1)^2` over pictures, with the slope of the
///   critic at `real + t (fake - real)`. The small number keeps the root's derivative finite where
///   the slope is zero.
/// - Parameters:
///   - real: Pictures, [N, 3, H, W].
///   - fake: As many fakes.
///   - positions: t of each picture, in [0, 1).
///   - holes: Where the slope counts, 1 = hole, [N, 1, H, W], as in the TensorFlow code; nil counts all
///     of it, as the PyTorch port does.
///   - critic: Scores of pictures, [N, 1].
/// - Returns: [].
/// - Reference: Gulrajani et al. 2017, arXiv 1704.00028; docs/models/deepfill.md 3.
package func gradientPenalty(
  real: Tensor, fake: Tensor, positions: [Float], holes: Tensor?,
  critic: (Variable) -> Variable
) -> Variable {
  let (count, shape) = (real.shape[0], real.shape)
  precondition(positions.count == count, "\(count) pictures, \(positions.count) positions")
  let weights = Variable(Tensor(positions, shape: [count, 1, 1, 1])).repeated(to: shape).value
  let real = real.converted(to: .plain)
  let difference = fake.converted(to: .plain).combined(CKERNELS_SUBTRACT, with: real)
  let picture = Variable.leaf(real + weights.combined(CKERNELS_MULTIPLY, with: difference))
  let slope = gradients(
    of: critic(picture).sum(), by: [picture], keepsGraph: true, recordsGraph: true)[0]
  guard let slope = slope?.plain() else { preconditionFailure("a critic looks at its pictures") }
  var squares = slope * slope
  if let holes { squares = squares * Variable(holes).repeated(to: shape) }
  let sums = squares.reshaped(to: [count, shape.elementCount / count]).summed(along: 1)
  let distance = (sums + 1e-12).squareRoot() + -1
  return (distance * distance).mean()
}
