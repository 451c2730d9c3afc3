package import Autodiff
package import TensorCore

/// How far two fillings of the same holes are apart.
///
/// With a negative weight it keeps a generator from leaving its noise aside.
///
/// - Formula: the mean over pictures of `sum |output - other| hole / (3 sum hole)`; a picture without a hole
///   counts 0.
/// - Parameters:
///   - output: Fillings by one vector, [N, 3, H, W].
///   - other: Fillings by another one, [N, 3, H, W]; no gradient flows to it.
///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
/// - Returns: [].
/// - Reference: Choi et al. 2020, arXiv 1912.01865, equation 3, over the hole.
package func fillingDistance(_ output: Variable, other: Tensor, holes: Tensor) -> Variable {
  let (pictures, channels) = (other.shape[0], other.shape[1])
  let pixels = other.shape[2] * other.shape[3]
  var weights = holes.elements
  for first in stride(from: 0, to: weights.count, by: pixels) {
    let picture = first..<first + pixels
    let area = picture.reduce(0.0) { $0 + Double(weights[$1]) }
    let weight = Float(1 / (max(area, 1) * Double(channels * pictures)))
    for index in picture { weights[index] *= weight }
  }
  return output.absoluteDifference(
    to: other, weightedBy: Tensor(weights, shape: holes.shape)
  ).sum()
}
