package import Autodiff
import CKernels
import Kernels
package import TensorCore

/// Weights of the feature maps from relu1_1 to relu5_1: 1000 / C^2 of the published widths.
package let featureMapWeights: [Float] = [64, 128, 256, 512, 512].map { 1000 / ($0 * $0) }

/// The guidance map of self-guided regression: where the composite is wrong.
///
/// - Formula: `E / max E` with `E = mean over colours of (output - target)^2`, for each picture;
///   0 where output and target agree everywhere (docs/models/dmfn.md 3.3).
/// - Parameters:
///   - output: The composite, [N, 3, H, W]; no gradient flows through the map.
///   - target: [N, 3, H, W].
/// - Returns: [N, 1, H, W], in [0, 1].
package func guidanceMap(_ output: Tensor, target: Tensor) -> Tensor {
  let difference = output.combined(CKERNELS_SUBTRACT, with: target).converted(to: .plain)
  let squares = difference.combined(CKERNELS_MULTIPLY, with: difference)
  var map = squares.summed(along: 1).mapped(CKERNELS_SCALE, 1 / Float(output.shape[1]))
  let pixels = map.shape[2] * map.shape[3]
  map.withUnsafeMutableFloats { values in
    for first in stride(from: 0, to: values.count, by: pixels) {
      let picture = values[first..<first + pixels]
      let factor = 1 / max(picture.reduce(0, max), 1e-12)
      for index in picture.indices { values[index] *= factor }
    }
  }
  return map
}

/// Self-guided regression and VGG feature matching in one sum.
///
/// - Formula: `sum_l w_l mean((1 + M_l) |F_l(output) - F_l(target)|)`, where M_1 is the guidance
///   map and M_2 its 2x2 average pool, and M_l is 0 for layers that are not guided
///   (docs/models/dmfn.md 3.3).
/// - Parameters:
///   - outputMaps: Feature maps relu1_1, relu2_1, ... of the composite, as many as there are.
///   - targetMaps: Feature maps of the target.
///   - guidance: The guidance map, [N, 1, H, W].
///   - layers: Which maps take part, counted from 0.
///   - guidedLayers: Which of them are weighted by the guidance map.
/// - Returns: [].
package func featureLoss(
  _ outputMaps: [Variable], targetMaps: [Tensor], guidance: Tensor,
  layers: Set<Int> = [0, 1, 2, 3, 4], guidedLayers: Set<Int> = [0, 1]
) -> Variable {
  var total = Variable(Tensor(0))
  var guide = guidance
  for (index, (output, target)) in zip(outputMaps, targetMaps).enumerated() {
    if index > 0 { guide = guide.windowsSummed(times: 0.25) }
    guard layers.contains(index) else { continue }
    let difference = output.meanAbsoluteDifference(
      to: target, guide: guidedLayers.contains(index) ? guide : nil)
    total = total + difference * featureMapWeights[index]
  }
  return total
}

/// Matching of the discriminator's local feature maps.
///
/// - Formula: `sum_l w_l mean |D_l(output) - D_l(target)|` (docs/models/dmfn.md 3.6).
/// - Returns: [].
package func discriminatorFeatureLoss(_ outputMaps: [Variable], targetMaps: [Tensor]) -> Variable {
  zip(zip(outputMaps, targetMaps), featureMapWeights).reduce(Variable(Tensor(0))) { total, pair in
    let ((output, target), weight) = pair
    return total + output.meanAbsoluteDifference(to: target) * weight
  }
}
