package import Autodiff
package import TensorCore

/// Which coordinates the alignment loss compares.
package enum AlignmentAxes: String, Sendable, CaseIterable {
  /// Column and row: the loss of the paper.
  case both
  /// The column twice: a slip of the published code (docs/models/dmfn.md 3.4).
  case horizontalTwice = "horizontal_twice"
}

/// The centre of mass of every channel of feature maps.
///
/// - Formula: `sum p X` and `sum p Y` with `p = (f + 1e-7) / sum (f + 1e-7)` and coordinates
///   -1, -1 + 2 / n, ... (docs/models/dmfn.md 3.4).
/// - Parameters:
///   - maps: Non-negative, [N, C, H, W].
///   - axes: Which coordinates.
/// - Returns: (x, y), [N, C, 2].
package func responseCentres(_ maps: Variable, axes: AlignmentAxes = .both) -> Variable {
  let (batch, channels, height, width) = (
    maps.shape[0], maps.shape[1], maps.shape[2], maps.shape[3]
  )
  func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0) / Float(count) * 2 - 1 } }
  func spatialSum(_ x: Variable) -> Variable {
    x.reshaped(to: [batch, channels, height * width]).summed(along: 2)
  }
  func moment(along axis: Int, _ response: Variable) -> Variable {
    let other = axis == 2 ? 3 : 2
    let extent = axis == 2 ? height : width
    let profile = response.summed(along: other).reshaped(to: [batch, channels, extent])
    let coordinates = Variable(Tensor(ramp(extent), shape: [1, 1, extent]))
    return (profile * coordinates.repeated(to: profile.shape)).summed(along: 2)
  }
  let response = maps.plain() + 1e-7
  let total = spatialSum(response)
  let x = moment(along: 3, response) / total
  let y = axes == .both ? moment(along: 2, response) / total : x
  return Variable.concatenated([
    x.reshaped(to: [batch * channels, 1]), y.reshaped(to: [batch * channels, 1]),
  ]).reshaped(to: [batch, channels, 2])
}

/// The geometrical alignment loss: the mean squared distance of response centres.
///
/// - Parameters:
///   - outputMap: relu4_1 of the composite, [N, C, H, W].
///   - targetMap: relu4_1 of the target.
///   - axes: Which coordinates are compared.
/// - Returns: [].
package func alignmentLoss(
  _ outputMap: Variable, targetMap: Tensor, axes: AlignmentAxes = .both
) -> Variable {
  let difference =
    responseCentres(outputMap, axes: axes)
    - responseCentres(Variable(targetMap), axes: axes)
  return (difference * difference).mean()
}
