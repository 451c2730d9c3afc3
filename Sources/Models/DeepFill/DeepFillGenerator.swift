package import Autodiff
import Kernels
package import Layers
package import TensorCore

/// The size of a DeepFill generator, and whose weights it fits.
package struct DeepFillGeneratorSettings: Sendable, Equatable {
  /// Channels of the first layer, an even number.
  package var width = 32
  /// Padding, sampling and patch norm.
  package var convention = DeepFillConvention.torch

  /// Makes settings; by default those of the published networks.
  package init(width: Int = 32, convention: DeepFillConvention = .torch) {
    (self.width, self.convention) = (width, convention)
  }
}

/// What a DeepFill generator makes of pictures, [N, 3, H, W] each.
package struct DeepFillOutput {
  /// The first network's prediction, in [-1, 1], for known pixels too.
  package let coarse: Variable
  /// The second network's prediction, in [-1, 1], for known pixels too.
  package let refined: Variable
  /// The refined picture in holes and the known pixels elsewhere, plain layout.
  package let composite: Variable
}

/// The DeepFill v1 generator: a coarse network, and one that refines with contextual attention.
///
/// 3,601,542 parameters at width 32, named as in the PyTorch port's `gen_*.pt`.
///
/// - Reference: Yu et al. 2018, arXiv 1801.07892; docs/models/deepfill.md 1 and 6.1.
package struct DeepFillGenerator: Module {
  /// The network's size and convention.
  package let settings: DeepFillGeneratorSettings
  /// The type of feature maps inside the networks; attention computes in float32.
  package var precision = ElementType.float32
  /// Whether feature maps inside a part are computed again for the gradients, and not kept.
  package var recomputes = false
  /// How its picture and the known pixels become one picture.
  package var compositeKind = CompositeKind.plain
  let coarseNetwork: DeepFillChain
  let dilatedBranch: DeepFillChain
  /// The attention branch, before and after the attention.
  let attentionBranch: (before: DeepFillChain, after: DeepFillChain)
  let merged: DeepFillChain

  /// Makes a generator; weights are drawn as in the TensorFlow code, Glorot's uniform ones, biases 0.
  package init(_ settings: DeepFillGeneratorSettings, initializer: Initializer) {
    let width = settings.width
    func chain(_ prefix: String, _ inputChannels: Int, _ units: [DeepFillUnit.Description])
      -> DeepFillChain
    {
      DeepFillChain(
        prefix, units, inputChannels: inputChannels, convention: settings.convention,
        initializer: initializer)
    }
    self.settings = settings
    coarseNetwork = chain(
      "coarse_generator", 5,
      .encoder("conv", [1, 2, 2, 4, 4, 4].map { $0 * width }) + .dilated(4 * width)
        + .decoder("conv", width))
    let fine = "fine_generator"
    dilatedBranch = chain(
      fine, 5, .encoder("conv", [1, 1, 2, 2, 4, 4].map { $0 * width }) + .dilated(4 * width))
    attentionBranch = (
      chain(fine, 5, .encoder("pmconv", [1, 1, 2, 4, 4, 4].map { $0 * width }, last: .relu)),
      chain(
        fine, 4 * width,
        [9, 10].map { DeepFillUnit.Description(name: "pmconv\($0)", channels: 4 * width) })
    )
    merged = chain(fine, 8 * width, .decoder("allconv", width))
  }

  package var parameters: [Parameter] {
    coarseNetwork.parameters + dilatedBranch.parameters + attentionBranch.before.parameters
      + attentionBranch.after.parameters + merged.parameters
  }

  /// The coarse network's prediction alone.
  ///
  /// - Parameters:
  ///   - masked: RGB in [-1, 1], 0 in the hole, [N, 3, H, W]; H and W are multiples of 8.
  ///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
  /// - Returns: RGB in [-1, 1], [N, 3, H, W], for known pixels too.
  package func coarse(masked: Variable, holes: Tensor) -> Variable {
    precondition(
      masked.shape[1] == 3 && masked.shape[2].isMultiple(of: 8)
        && masked.shape[3].isMultiple(of: 8),
      "the generator expects [N, 3, H, W] with H and W multiples of 8, not \(masked.shape)")
    return compute(coarseNetwork, withPlanes(masked, holes).converted(to: precision))
  }

  /// The coarse network's prediction for pictures whose holes are not looked at: see `coarse(masked:)`.
  package func coarse(images: Tensor, holes: Tensor) -> Variable {
    coarse(masked: Variable(images.masked(by: holes)), holes: holes)
  }

  /// The refinement of a coarse prediction; gradients reach the coarse network through it.
  ///
  /// - Parameters:
  ///   - coarse: RGB in [-1, 1], [N, 3, H, W].
  ///   - masked: RGB in [-1, 1], 0 in the hole, [N, 3, H, W].
  ///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
  ///   - attended: Receives where each place looked.
  /// - Returns: RGB in [-1, 1], [N, 3, H, W], for known pixels too.
  package func refined(
    coarse: Variable, masked: Variable, holes: Tensor,
    attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> Variable {
    let x = withPlanes(Variable.blend(hole: holes, coarse, masked), holes)
      .converted(to: precision)
    let rebuilt = settings.convention.attention(
      compute(attentionBranch.before, x).converted(to: .float32), holes: holes, attended: attended)
    let branches = [
      compute(dilatedBranch, x), compute(attentionBranch.after, rebuilt.converted(to: precision)),
    ]
    return compute(merged, Variable.concatenated(branches))
  }

  private func compute(_ part: DeepFillChain, _ x: Variable) -> Variable {
    recomputes
      ? x.recomputed(parameters: part.parameters.map(\.variable)) { part($0) } : part(x)
  }

  /// Fills pictures.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; nothing inside a hole is looked at. H and W are
  ///     multiples of 8.
  ///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
  ///   - attended: Receives where each place looked.
  /// - Returns: Both predictions and the composite.
  package func callAsFunction(
    images: Tensor, holes: Tensor, attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> DeepFillOutput {
    let masked = Variable(images.masked(by: holes))
    let coarse = coarse(masked: masked, holes: holes)
    let refined = refined(coarse: coarse, masked: masked, holes: holes, attended: attended)
    return DeepFillOutput(
      coarse: coarse, refined: refined,
      composite: compositeKind(refined, known: masked, hole: holes))
  }

  /// Picture, a plane of ones that shows where the padding begins, and the hole: [N, 5, H, W].
  private func withPlanes(_ picture: Variable, _ holes: Tensor) -> Variable {
    Variable.concatenated([
      picture, Variable(Tensor(repeating: 1, shape: holes.shape)), Variable(holes),
    ])
  }
}

extension Tensor {
  /// Pictures with 0 in their holes.
  fileprivate func masked(by holes: Tensor) -> Tensor {
    Tensor.blend(hole: holes, Tensor(repeating: 0, shape: shape), self)
  }
}

extension DeepFillGenerator: InpaintingGenerator {
  package var hasAttention: Bool { true }

  package var noiseCount: Int { 0 }

  /// Measured, at its peak, with a tenth to spare.
  package var bytesPerPixel: Int { 56 * settings.width + 100 }

  package func composite(
    images: Tensor, holes: Tensor, noise: Tensor?, attended: (@Sendable (AttendedPlaces) -> Void)?
  ) -> (generated: Variable, composite: Variable) {
    precondition(noise == nil, "DeepFill has no noise")
    let output = self(images: images, holes: holes, attended: attended)
    return (output.refined, output.composite)
  }
}
