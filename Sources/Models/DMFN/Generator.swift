package import Autodiff
import Kernels
package import Layers
package import TensorCore

/// The size of a DMFN generator.
package struct GeneratorSettings: Sendable, Equatable {
  /// Channels of the first layer; the blocks work on four times as many.
  package var width = 64
  /// Number of fusion blocks.
  package var blocks = 8
  /// Which form of the fusion block.
  package var block = FusionBlockKind.paper
  /// Adds contextual attention to the features after the last fusion block.
  ///
  /// This is our own: neither paper nor published code has it.
  package var attention = false
  /// How the decoder doubles height and width.
  package var upsampling = UpsamplingKind.transposed
  /// Numbers of the vector that tells fillings of one hole apart; 0 for one filling, as published.
  package var noise = 0

  /// Makes settings; by default those of the paper.
  package init(
    width: Int = 64, blocks: Int = 8, block: FusionBlockKind = .paper, attention: Bool = false,
    upsampling: UpsamplingKind = .transposed, noise: Int = 0
  ) {
    (self.width, self.blocks, self.block) = (width, blocks, block)
    (self.attention, self.upsampling, self.noise) = (attention, upsampling, noise)
  }
}

/// The DMFN generator: encoder, dense multi-scale fusion blocks, decoder.
///
/// 5,729,411 parameters with the paper's blocks at width 64, 9,037,443 with the released ones.
///
/// - Reference: docs/models/dmfn.md 1.1 to 1.6.
package struct Generator: Module {
  /// The rules of the attention, where the settings ask for it: whole patches of the known features,
  /// mixed by likeness, are added to the features.
  static let attention = PatchAttention(sampling: .floor, norm: .offset)

  /// The network's size.
  package let settings: GeneratorSettings
  /// The type of feature maps inside the network.
  package var precision = ElementType.float32
  /// Whether feature maps inside a stage are computed again for the gradients, and not kept.
  package var recomputes = false
  /// How its picture and the known pixels become one picture.
  package var compositeKind = CompositeKind.plain
  let encoder: [Conv2D]
  let blocks: [FusionBlock]
  let refinement: Conv2D
  let upsampling: [(doubling: Doubling, convolution: Conv2D)]
  let output: Conv2D
  let noiseNetwork: NoiseNetwork?

  /// Makes a generator with first values drawn by the published rules.
  package init(_ settings: GeneratorSettings, initializer: Initializer) {
    let width = settings.width
    func conv(_ name: String, _ input: Int, _ output: Int, _ kernel: Int, stride: Int = 1)
      -> Conv2D
    {
      Conv2D(
        name, input, output, kernelSize: kernel, stride: stride, initializer: initializer)
    }
    self.settings = settings
    encoder = [
      conv("encoder.0.conv", 4, width, 5),
      conv("encoder.1.conv", width, 2 * width, 3, stride: 2),
      conv("encoder.2.conv", 2 * width, 2 * width, 3),
      conv("encoder.3.conv", 2 * width, 4 * width, 3, stride: 2),
    ]
    blocks = (0..<settings.blocks).map {
      FusionBlock(
        "blocks.\($0)", channels: 4 * width, kind: settings.block, initializer: initializer)
    }
    refinement = conv("decoder.0.conv", 4 * width, 4 * width, 3)
    upsampling = [(1, 4 * width, 2 * width), (2, 2 * width, width)].map { index, input, output in
      (
        Doubling(
          "decoder.\(index)", input, output, kind: settings.upsampling, initializer: initializer),
        conv("decoder.\(index).conv.conv", output, output, 3)
      )
    }
    output = conv("decoder.3.conv", width, 3, 3)
    noiseNetwork =
      settings.noise == 0
      ? nil
      : NoiseNetwork(
        count: settings.noise, blocks: settings.blocks, channels: 4 * width,
        initializer: initializer)
  }

  package var parameters: [Parameter] {
    encoder.flatMap(\.parameters) + blocks.flatMap(\.parameters) + refinement.parameters
      + upsampling.flatMap { $0.doubling.parameters + $0.convolution.parameters }
      + output.parameters + (noiseNetwork?.parameters ?? [])
  }

  /// Fills pictures.
  ///
  /// - Parameters:
  ///   - x: Masked RGB in [-1, 1] and hole (1 = hole), [N, 4, H, W]; H and W are multiples of
  ///     `sizeMultiple`.
  ///   - noise: Vectors, [N, noise], for a generator with noise; nil for zeros.
  ///   - attended: Receives where each place looked, from a generator with attention.
  /// - Returns: RGB in [-1, 1], [N, 3, H, W], for known pixels too.
  package func callAsFunction(
    _ x: Variable, noise: Tensor? = nil, attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> Variable {
    precondition(
      x.shape[1] == 4 && x.shape[2].isMultiple(of: sizeMultiple)
        && x.shape[3].isMultiple(of: sizeMultiple),
      "the generator expects [N, 4, H, W] with H and W multiples of \(sizeMultiple), not \(x.shape)"
    )
    var features = encoder[0](x.converted(to: precision), activation: .relu)
    for layer in encoder.dropFirst() {
      features = stage(features, layer.parameters) {
        layer.withoutBias($0).instanceNormalized(negativeSlope: 0)
      }
    }
    let hidden = noiseNetwork.map {
      $0.hidden(noise ?? Tensor(repeating: 0, shape: [x.shape[0], $0.count]))
    }
    for (index, block) in blocks.enumerated() {
      features = stage(features, block.parameters) { block($0) }
      if let noiseNetwork, let hidden {
        features = noiseNetwork.modulated(features, block: index, by: hidden)
      }
    }
    if settings.attention {
      let holes = x.value.channels(3..<4).converted(to: .plain)
      let attention = Self.attention(
        features.converted(to: .float32), holes: holes, attended: attended)
      features = features + attention.converted(to: precision)
    }
    features = stage(features, refinement.parameters) { [refinement] in
      refinement.withoutBias($0).instanceNormalized(negativeSlope: 0)
    }
    for layer in upsampling {
      features = stage(features, layer.doubling.parameters) {
        layer.doubling.withoutBias($0).instanceNormalized(negativeSlope: 0)
      }
      features = stage(features, layer.convolution.parameters) {
        layer.convolution.withoutBias($0).instanceNormalized(negativeSlope: 0)
      }
    }
    return output(features).converted(to: .float32).tanh()
  }

  private func stage(
    _ x: Variable, _ parameters: [Parameter], _ body: @escaping @Sendable (Variable) -> Variable
  ) -> Variable {
    recomputes ? x.recomputed(parameters: parameters.map(\.variable), body) : body(x)
  }

  /// Fills the holes of pictures and keeps their known pixels.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; nothing inside a hole is looked at.
  ///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
  ///   - noise: Vectors, [N, noise], for a generator with noise; nil for zeros.
  ///   - attended: Receives where each place looked, from a generator with attention.
  /// - Returns: `G(masked, hole)` and its composite with the known pixels, by default
  ///   `hole * G(masked, hole) + (1 - hole) * masked`, [N, 3, H, W] each, the latter in the plain layout
  ///   (docs/models/dmfn.md 1.1).
  package func composite(
    images: Tensor, holes: Tensor, noise: Tensor? = nil,
    attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> (generated: Variable, composite: Variable) {
    let zeros = Tensor(repeating: 0, shape: images.shape)
    let masked = Tensor.blend(hole: holes, zeros, images)
    let generated = self(
      Variable(Tensor.concatenated([masked, holes])), noise: noise, attended: attended)
    return (generated, compositeKind(generated, known: Variable(masked), hole: holes))
  }
}

extension Generator: InpaintingGenerator {
  package var hasAttention: Bool { settings.attention }

  package var noiseCount: Int { settings.noise }

  /// Measured, at its peak, with a tenth to spare.
  package var bytesPerPixel: Int { (settings.attention ? 42 : 28) * settings.width + 100 }
}
