package import Autodiff
import CKernels
import Kernels
package import TensorCore

/// The discriminator's loss on patches, with a target that knows the hole.
///
/// A composite's patch is as fake as it is filled: known pixels are original. A discriminator with this
/// target learns what fillings look like, not where the rectangle is.
///
/// - Formula: `(mean softplus(-real) + mean (m softplus(fake) + (1 - m) softplus(-fake))) / 2`, m the share
///   of hole in the patch.
/// - Parameters:
///   - real: Logits of originals, [N, 1, h, w].
///   - fake: Logits of composites, [N, 1, h, w].
///   - holes: 1 = hole, [N, 1, H, W], H and W the same power of two times h and w.
/// - Returns: [].
/// - Reference: Suvorov et al. 2021, arXiv 2109.07161, section 2.3.
package func patchDiscriminatorLoss(real: Variable, fake: Variable, holes: Tensor) -> Variable {
  var shares = holes
  while shares.shape[2] > fake.shape[2] { shares = shares.windowsSummed(times: 0.25) }
  precondition(
    shares.shape == fake.shape, "holes \(holes.shape) for patches \(fake.shape)")
  let known = Variable(shares.mapped(CKERNELS_SCALE, -1).mapped(CKERNELS_ADD_CONSTANT, 1))
  let ofFakes = fake.softplus() * Variable(shares) + (fake * -1).softplus() * known
  return ((real * -1).softplus().mean() + ofFakes.mean()) * 0.5
}

/// The generator's loss on patches: every patch of a composite should look original.
///
/// - Formula: `mean softplus(-fake)`.
/// - Parameter fake: Logits of composites, [N, 1, h, w].
/// - Returns: [].
package func patchGeneratorLoss(fake: Variable) -> Variable { (fake * -1).softplus().mean() }
