package import Autodiff
package import TensorCore

/// How far two fillings of the same holes are apart.
///
/// With a negative weight it keeps a generator from leaving its noise aside.
///
/// - Formula: the mean over pictures of `min(limit, sum |output - other| hole / (3 sum hole))`; a picture
///   without a hole counts 0.
/// - Parameters:
///   - output: Fillings by one vector, [N, 3, H, W].
///   - other: Fillings by another one, [N, 3, H, W]; no gradient flows to it.
///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
///   - limit: The distance of a picture's fillings from which on it gives no gradient; nil for none.
/// - Returns: [].
/// - Reference: Choi et al. 2020, arXiv 1912.01865, equation 3, over the hole.
package func fillingDistance(
  _ output: Variable, other: Tensor, holes: Tensor, limit: Float? = nil
) -> Variable {
  let (pictures, channels) = (other.shape[0], other.shape[1])
  let pixels = other.shape[2] * other.shape[3]
  var weights = holes.elements
  let values = limit.map { _ in (output.value.elements, other.elements) }
  var limited: Float = 0
  for picture in 0..<pictures {
    let own = picture * pixels..<(picture + 1) * pixels
    let area = own.reduce(0.0) { $0 + Double(weights[$1]) }
    let count = max(area, 1) * Double(channels)
    var weight = Float(1 / (count * Double(pictures)))
    if let limit, let (values, others) = values {
      let first = picture * channels * pixels
      let sum = (0..<channels * pixels).reduce(0.0) { sum, index in
        let difference = Double(values[first + index]) - Double(others[first + index])
        return sum + abs(difference) * Double(weights[own.lowerBound + index % pixels])
      }
      if sum / count >= Double(limit) {
        weight = 0
        limited += limit / Float(pictures)
      }
    }
    for index in own { weights[index] *= weight }
  }
  let distance = output.absoluteDifference(
    to: other, weightedBy: Tensor(weights, shape: holes.shape)
  ).sum()
  return limited == 0 ? distance : distance + limited
}
