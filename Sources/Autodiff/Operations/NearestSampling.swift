package import Kernels
import TensorCore

/// Some rows and columns of feature maps.
struct SelectRowsAndColumns: Operation {
  let rows: [Int]
  let columns: [Int]

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.selecting(rows: rows, columns: columns), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ shape: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [
      Variable.apply(
        SpreadRowsAndColumns(rows: rows, columns: columns, height: shape[2], width: shape[3]),
        [outputGradient])
    ]
  }
}

/// Rows and columns at their places in larger maps.
struct SpreadRowsAndColumns: Operation {
  let rows: [Int]
  let columns: [Int]
  let height: Int
  let width: Int

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.spread(rows: rows, columns: columns, height: height, width: width), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(SelectRowsAndColumns(rows: rows, columns: columns), [outputGradient])]
  }
}

extension Variable {
  /// Feature maps reduced to a size by nearest sampling, [N, C, height, width].
  package func sampled(height: Int, width: Int, by sampling: NearestSampling) -> Variable {
    Variable.apply(
      SelectRowsAndColumns(
        rows: sampling.indices(from: shape[2], to: height),
        columns: sampling.indices(from: shape[3], to: width)), [self])
  }
}
