import Autodiff
package import Configuration
import Kernels
import Losses
import Models
import TensorCore

/// Which losses DMFN is trained with.
package struct DMFNLossSettings: Sendable {
  /// The weights of the terms.
  package var weights = LossConfiguration()
  /// Which VGG maps the feature loss compares, counted from 0.
  package var featureLayers: Set<Int> = [0, 1, 2, 3, 4]
  /// Which of them the guidance map weights.
  package var guidedLayers: Set<Int> = [0, 1]
  /// The VGG map that the alignment loss compares.
  package var alignmentLayer = 3

  /// Makes the published settings.
  package init() {}
}

/// A loss of the composite that needs no discriminator.
struct PictureLoss {
  let term: LossTerm
  let value: (ComparedPictures) -> Variable

  /// The losses of a network, in order.
  ///
  /// - Parameters:
  ///   - settings: Their weights and layers.
  ///   - mapCount: How many VGG maps there are.
  /// - Returns: Those for which there are maps enough.
  /// - Reference: docs/models/dmfn.md, 3.
  static func all(_ settings: DMFNLossSettings, mapCount: Int) -> [PictureLoss] {
    let weights = settings.weights
    var losses = [
      PictureLoss(term: LossTerm("pixel", weight: Float(weights.pixel), .picture)) {
        pixelLoss($0.output, target: $0.target)
      }
    ]
    if mapCount > 0 {
      losses.append(
        PictureLoss(term: LossTerm("feature", weight: Float(weights.feature), .picture)) {
          featureLoss(
            $0.outputMaps, targetMaps: $0.targetMaps, guidance: $0.guidance,
            layers: settings.featureLayers, guidedLayers: settings.guidedLayers)
        })
    }
    if mapCount > settings.alignmentLayer {
      losses.append(
        PictureLoss(term: LossTerm("alignment", weight: Float(weights.alignment), .picture)) {
          alignmentLoss(
            $0.outputMaps[settings.alignmentLayer],
            targetMap: $0.targetMaps[settings.alignmentLayer],
            axes: weights.alignmentAxes)
        })
    }
    return losses
  }
}

/// A composite beside its original, and what VGG sees of them.
final class ComparedPictures {
  /// The composite, [N, 3, H, W].
  let output: Variable
  /// The original, [N, 3, H, W].
  let target: Tensor
  private let maps: (Variable) -> [Variable]

  /// The maps of the original.
  private(set) lazy var targetMaps = Recording.off { maps(Variable(target)).map(\.value) }
  /// The maps of the composite.
  private(set) lazy var outputMaps: [Variable] = {
    // The original's first, while no graph of the composite's takes memory.
    _ = targetMaps
    return maps(output)
  }()
  /// The guidance map, [N, 1, H, W].
  private(set) lazy var guidance = guidanceMap(output.value, target: target)

  /// Compares pictures by the first maps of a network.
  init(_ output: Variable, target: Tensor, features: VGG19?, mapCount: Int) {
    (self.output, self.target) = (output, target)
    maps = { pictures in features.map { $0(pictures, count: mapCount) } ?? [] }
  }
}

/// A loss of the generator that needs the discriminator's judgement.
struct JudgedLoss {
  let term: LossTerm
  let value: (Judgement) -> Variable

  /// The losses of a network, in order.
  ///
  /// - Reference: docs/models/dmfn.md, 3.
  static func all(_ settings: DMFNLossSettings, _ objective: AdversarialObjective) -> [JudgedLoss] {
    let weights = settings.weights
    return [
      JudgedLoss(
        term: LossTerm("adversarial", weight: Float(weights.adversarial), .judgement),
        value: objective.generatorLoss),
      JudgedLoss(
        term: LossTerm(
          "discriminator_feature", weight: Float(weights.discriminatorFeature), .judgement)
      ) {
        discriminatorFeatureLoss($0.fake.localMaps, targetMaps: $0.real.localMaps.map(\.value))
      },
    ]
  }
}
