package import Autodiff
package import TensorCore

/// The mean absolute difference of composite and target over the whole picture.
///
/// - Formula: `mean |output - target|` (docs/models/dmfn.md 3.1); known pixels contribute nothing.
/// - Parameters:
///   - output: The composite, [N, 3, H, W].
///   - target: [N, 3, H, W].
/// - Returns: [].
package func pixelLoss(_ output: Variable, target: Tensor) -> Variable {
  output.meanAbsoluteDifference(to: target)
}
