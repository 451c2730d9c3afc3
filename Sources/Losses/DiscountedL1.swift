package import Autodiff
package import TensorCore

/// The weights of the spatially discounted L1 loss: less the further a pixel is from what is known.
///
/// - Formula: `discount^min(y, h - y, x, w - x)` for row y of h and column x of w, so that the first
///   row and column have 1 and the last ones `discount` (docs/models/deepfill.md 4).
/// - Parameters:
///   - height: Rows of the box round a hole.
///   - width: Columns of the box.
///   - discount: In (0, 1]; 1 weights all pixels alike.
/// - Returns: [1, 1, height, width].
package func discountMap(height: Int, width: Int, discount: Double) -> Tensor {
  // Of distance 0, 1, 2 ...
  var weights = [1.0]
  while weights.count <= max(height, width) {
    weights.append(weights[weights.count - 1] * discount)
  }
  var map: [Float] = []
  map.reserveCapacity(height * width)
  for row in 0..<height {
    for column in 0..<width {
      map.append(Float(weights[min(row, height - row, column, width - column)]))
    }
  }
  return Tensor(map, shape: [1, 1, height, width])
}

/// The spatially discounted L1 loss: the mean absolute error in the box round a hole, weighted by
/// `discountMap`.
///
/// - Parameters:
///   - output: The box of a prediction, [N, 3, h, w].
///   - target: The same box of the pictures.
///   - discount: See `discountMap`.
/// - Returns: [].
/// - Reference: Yu et al. 2018, arXiv 1801.07892; docs/models/deepfill.md 4.
package func discountedL1(_ output: Variable, target: Tensor, discount: Double) -> Variable {
  let map = discountMap(height: target.shape[2], width: target.shape[3], discount: discount)
  return output.absoluteDifference(to: target, weightedBy: map).mean()
}

extension Variable {
  /// `weights |x - target|`, [N, C, H, W]; [N or 1, 1, H, W] weights, which are constants.
  func absoluteDifference(to target: Tensor, weightedBy weights: Tensor) -> Variable {
    (plain() - Variable(target)).absoluteValue() * Variable(weights).repeated(to: target.shape)
  }
}
