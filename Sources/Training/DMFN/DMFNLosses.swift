import Autodiff
import Kernels
package import Losses
import Models
import TensorCore

/// Which losses a DMFN generator is trained with, and their weights.
package struct DMFNLossSettings: Sendable {
  /// Weight of the pixel loss.
  package var pixel: Float = 1
  /// Weight of self-guided regression and feature matching.
  package var feature: Float = 25
  /// Weight of the alignment loss.
  package var alignment: Float = 1
  /// Weight of the adversarial loss.
  package var adversarial: Float = 0.003
  /// Weight of the matching of the discriminator's feature maps.
  package var discriminatorFeature: Float = 5
  /// Which coordinates the alignment loss compares.
  package var alignmentAxes = AlignmentAxes.both
  /// Which VGG maps the feature loss compares, counted from 0.
  package var featureLayers: Set<Int> = [0, 1, 2, 3, 4]
  /// Which of them the guidance map weights.
  package var guidedLayers: Set<Int> = [0, 1]
  /// The VGG map that the alignment loss compares.
  package var alignmentLayer = 3

  /// Makes the published settings.
  package init() {}
}

/// The losses of a composite that need no discriminator.
struct PictureLosses {
  let settings: DMFNLossSettings
  let features: VGG19?

  /// Pixel loss and, as far as VGG features are there, feature and alignment loss.
  func terms(_ output: Variable, target: Tensor) -> [(name: String, weight: Float, value: Variable)]
  {
    var terms = [("pixel", settings.pixel, pixelLoss(output, target: target))]
    guard let features else { return terms }
    let count = (settings.featureLayers.union([settings.alignmentLayer]).max() ?? 0) + 1
    let targetMaps = Recording.off { features(Variable(target), count: count).map(\.value) }
    let outputMaps = features(output, count: count)
    let guidance = guidanceMap(output.value, target: target)
    terms.append(
      (
        "feature", settings.feature,
        featureLoss(
          outputMaps, targetMaps: targetMaps, guidance: guidance, layers: settings.featureLayers,
          guidedLayers: settings.guidedLayers)
      ))
    if outputMaps.count > settings.alignmentLayer {
      terms.append(
        (
          "alignment", settings.alignment,
          alignmentLoss(
            outputMaps[settings.alignmentLayer], targetMap: targetMaps[settings.alignmentLayer],
            axes: settings.alignmentAxes)
        ))
    }
    return terms
  }
}
