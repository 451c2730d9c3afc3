import Kernels
import TensorCore

/// Pooling over 3x3 windows, as the networks that judge pictures need it.
enum WindowPooling {
  /// The largest value.
  case maximum
  /// The mean of the values inside the picture: zeros of the padding do not count.
  case average

  /// Pools feature maps.
  ///
  /// - Parameters:
  ///   - input: [N, C, H, W].
  ///   - stride: Distance of neighbouring windows.
  ///   - padding: Rows and columns by which windows may reach over the border, 0 or 1.
  /// - Returns: [N, C, (H + 2 padding - 3) / stride + 1, ...], plain.
  func callAsFunction(_ input: Tensor, stride: Int, padding: Int) -> Tensor {
    let input = input.converted(to: .plain)
    let (height, width) = (input.shape[2], input.shape[3])
    let planes = input.shape[0] * input.shape[1]
    let newHeight = (height + 2 * padding - 3) / stride + 1
    let newWidth = (width + 2 * padding - 3) / stride + 1
    var output = Tensor(uninitialized: [input.shape[0], input.shape[1], newHeight, newWidth])
    input.withUnsafeFloats { values in
      output.withUnsafeMutableFloats { pooled in
        for plane in 0..<planes {
          for row in 0..<newHeight {
            let rows = (row * stride - padding..<row * stride - padding + 3).clamped(to: 0..<height)
            for column in 0..<newWidth {
              let first = column * stride - padding
              let columns = (first..<first + 3).clamped(to: 0..<width)
              var (largest, sum) = (-Float.infinity, Float(0))
              for inputRow in rows {
                for inputColumn in columns {
                  let value = values[(plane * height + inputRow) * width + inputColumn]
                  largest = max(largest, value)
                  sum += value
                }
              }
              pooled[(plane * newHeight + row) * newWidth + column] =
                self == .maximum ? largest : sum / Float(rows.count * columns.count)
            }
          }
        }
      }
    }
    return output
  }
}
