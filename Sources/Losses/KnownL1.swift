package import Autodiff
package import TensorCore

/// What the error of known pixels is divided by.
package enum KnownL1Divisor: Sendable {
  /// The number of known pixels of each picture, as the TensorFlow code does with one hole a batch.
  case knownPixels
  /// The number of all pixels, as the PyTorch port does.
  case allPixels
}

/// The auto-encoder loss: how badly a prediction reproduces known pixels.
///
/// - Formula: the mean over pictures of `sum |output - target| (1 - hole) / divisor`, each picture
///   divided by its own, so that the loss does not depend on how a batch is split
///   (docs/models/deepfill.md 4). A picture without known pixels counts 0.
/// - Parameters:
///   - output: A prediction, [N, 3, H, W].
///   - target: The pictures, [N, 3, H, W].
///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
///   - divisor: What the error of each picture is divided by.
/// - Returns: [].
package func knownL1(
  _ output: Variable, target: Tensor, holes: Tensor, divisor: KnownL1Divisor = .knownPixels
) -> Variable {
  let (pictures, channels) = (target.shape[0], target.shape[1])
  let pixels = target.shape[2] * target.shape[3]
  var weights = holes.elements
  for first in stride(from: 0, to: weights.count, by: pixels) {
    let picture = first..<first + pixels
    let known = picture.reduce(0.0) { $0 + 1 - Double(weights[$1]) }
    let count = divisor == .knownPixels ? max(known, 1e-12 * Double(pixels)) : Double(pixels)
    let weight = 1 / (count * Double(channels * pictures))
    for index in picture { weights[index] = Float((1 - Double(weights[index])) * weight) }
  }
  return output.absoluteDifference(
    to: target, weightedBy: Tensor(weights, shape: holes.shape)
  ).sum()
}
