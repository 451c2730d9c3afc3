package import Kernels

extension ReferenceTensor {
  /// The convolution of feature maps [N, I, H, W] with a weight [O, I, kH, kW].
  ///
  /// - Returns: [N, O, H', W'].
  package func convolved(
    with weight: ReferenceTensor, bias: ReferenceTensor? = nil, settings: ConvolutionSettings
  ) -> ReferenceTensor {
    let extent = { (size: Int, kernel: Int) in
      (size + 2 * settings.padding + settings.trailingPadding - settings.dilation * (kernel - 1) - 1)
        / settings.stride + 1
    }
    var result = ReferenceTensor(
      repeating: 0,
      shape: [
        shape[0], weight.shape[0], extent(shape[2], weight.shape[2]),
        extent(shape[3], weight.shape[3]),
      ])
    forEachTap(input: shape, weight: weight.shape, output: result.shape, settings) { x, w, y in
      result.elements[y] += elements[x] * weight.elements[w]
    }
    guard let bias else { return result }
    return result.addingToChannels(bias)
  }

  /// The gradient of a convolution by its input, where this array is the gradient by its output.
  ///
  /// - Parameters:
  ///   - weight: [O, I, kH, kW].
  ///   - inputShape: [N, I, H, W].
  ///   - settings: Of the convolution.
  /// - Returns: [N, I, H, W].
  package func convolutionDataGradient(
    weight: ReferenceTensor, inputShape: [Int], settings: ConvolutionSettings
  ) -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: inputShape)
    forEachTap(input: inputShape, weight: weight.shape, output: shape, settings) { x, w, y in
      result.elements[x] += elements[y] * weight.elements[w]
    }
    return result
  }

  /// The gradient of a convolution by its weight, where this array is its input.
  ///
  /// - Parameters:
  ///   - outputGradient: [N, O, H', W'].
  ///   - weightShape: [O, I, kH, kW].
  ///   - settings: Of the convolution.
  /// - Returns: [O, I, kH, kW].
  package func convolutionWeightGradient(
    outputGradient: ReferenceTensor, weightShape: [Int], settings: ConvolutionSettings
  ) -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: weightShape)
    forEachTap(input: shape, weight: weightShape, output: outputGradient.shape, settings) {
      x, w, y in
      result.elements[w] += elements[x] * outputGradient.elements[y]
    }
    return result
  }

  /// The transposed convolution of feature maps [N, I, H, W] with a weight [I, O, kH, kW].
  ///
  /// Every input pixel adds its weighted window to the output, as PyTorch describes it.
  package func convTransposed(
    weight: ReferenceTensor, settings: ConvolutionSettings
  ) -> ReferenceTensor {
    let extent = { (size: Int, kernel: Int) in
      (size - 1) * settings.stride - 2 * settings.padding - settings.trailingPadding
        + settings.dilation * (kernel - 1) + 1
    }
    let (height, width) = (extent(shape[2], weight.shape[2]), extent(shape[3], weight.shape[3]))
    var result = ReferenceTensor(
      repeating: 0, shape: [shape[0], weight.shape[1], height, width])
    for n in 0..<shape[0] {
      for i in 0..<shape[1] {
        for o in 0..<weight.shape[1] {
          for h in 0..<shape[2] {
            for w in 0..<shape[3] {
              for kh in 0..<weight.shape[2] {
                let row = h * settings.stride - settings.padding + kh * settings.dilation
                guard 0..<height ~= row else { continue }
                for kw in 0..<weight.shape[3] {
                  let column = w * settings.stride - settings.padding + kw * settings.dilation
                  guard 0..<width ~= column else { continue }
                  result[n, o, row, column] += self[n, i, h, w] * weight[i, o, kh, kw]
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}

/// Calls `body` with the indices of input, weight and output of every product in a convolution.
private func forEachTap(
  input: [Int], weight: [Int], output: [Int], _ settings: ConvolutionSettings,
  _ body: (_ x: Int, _ w: Int, _ y: Int) -> Void
) {
  for n in 0..<output[0] {
    for o in 0..<output[1] {
      for i in 0..<input[1] {
        for h in 0..<output[2] {
          for kh in 0..<weight[2] {
            let row = h * settings.stride - settings.padding + kh * settings.dilation
            guard 0..<input[2] ~= row else { continue }
            for w in 0..<output[3] {
              for kw in 0..<weight[3] {
                let column = w * settings.stride - settings.padding + kw * settings.dilation
                guard 0..<input[3] ~= column else { continue }
                body(
                  ((n * input[1] + i) * input[2] + row) * input[3] + column,
                  ((o * weight[1] + i) * weight[2] + kh) * weight[3] + kw,
                  ((n * output[1] + o) * output[2] + h) * output[3] + w)
              }
            }
          }
        }
      }
    }
  }
}
