import Kernels
package import TensorCore

/// The 2,048 pooled features of Inception v3 that the Frechet inception distance compares.
///
/// The network is that of the weights `pt_inception-2015-12-05`, a port of the first TensorFlow release:
/// average pools leave the padding out, and the last block pools by the maximum.
///
/// - Reference: Szegedy et al. 2016, "Rethinking the Inception architecture", arXiv 1512.00567; Heusel
///   et al. 2017, "GANs trained by a two time-scale update rule", arXiv 1706.08500.
package struct InceptionFeatures {
  /// Number of features of a picture.
  package static let count = 2048
  /// Side that pictures are resized to.
  private static let side = 299
  /// Added to the variance by batch normalisation.
  private static let epsilon: Float = 0.001

  private let layers: [String: (weight: Tensor, bias: Tensor)]

  /// Names and shapes of the tensors that the network needs.
  package static var expectedShapes: [(name: String, shape: Shape)] {
    plan.flatMap { layer -> [(name: String, shape: Shape)] in
      [("\(layer.name).conv.weight", layer.shape)]
        + ["weight", "bias", "running_mean", "running_var"].map {
          ("\(layer.name).bn.\($0)", [layer.shape[0]])
        }
    }
  }

  /// Makes the network; batch normalisation becomes a part of the convolutions.
  ///
  /// - Parameter weights: Tensors by the names of `expectedShapes`.
  /// - Precondition: All of them are there.
  package init(weights: [String: Tensor]) {
    func tensor(_ name: String) -> Tensor {
      guard let tensor = weights[name] else { preconditionFailure("Inception without \(name)") }
      return tensor
    }
    func floats(_ name: String) -> [Float] { tensor(name).withUnsafeFloats { Array($0) } }
    layers = Dictionary(
      uniqueKeysWithValues: Self.plan.map { layer in
        let (gain, bias) = (floats("\(layer.name).bn.weight"), floats("\(layer.name).bn.bias"))
        let mean = floats("\(layer.name).bn.running_mean")
        let variance = floats("\(layer.name).bn.running_var")
        let scale = gain.indices.map { gain[$0] / (variance[$0] + Self.epsilon).squareRoot() }
        let size = layer.shape.elementCount / layer.shape[0]
        var weight = floats("\(layer.name).conv.weight")
        for index in weight.indices { weight[index] *= scale[index / size] }
        return (
          layer.name,
          (
            Tensor(weight, shape: layer.shape),
            Tensor(
              gain.indices.map { bias[$0] - mean[$0] * scale[$0] }, shape: [layer.shape[0]])
          )
        )
      })
  }

  /// The features of pictures of any size.
  ///
  /// - Parameter pictures: RGB in [-1, 1], [N, 3, H, W].
  /// - Returns: [N, 2048], plain.
  package func callAsFunction(_ pictures: Tensor) -> Tensor {
    let maximum = WindowPooling.maximum
    var x = resizedBilinearly(pictures, height: Self.side, width: Self.side)
    x = conv("Conv2d_1a_3x3", x, stride: 2)
    x = conv("Conv2d_2b_3x3", conv("Conv2d_2a_3x3", x), padding: (1, 1))
    x = conv("Conv2d_3b_1x1", maximum(x, stride: 2, padding: 0))
    x = maximum(conv("Conv2d_4a_3x3", x), stride: 2, padding: 0)
    for block in ["Mixed_5b", "Mixed_5c", "Mixed_5d"] { x = blockA(block, x) }
    x = blockB("Mixed_6a", x)
    for block in ["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"] { x = blockC(block, x) }
    x = blockD("Mixed_7a", x)
    x = blockE("Mixed_7b", x, pooling: .average)
    x = blockE("Mixed_7c", x, pooling: .maximum)
    return means(x)
  }

  private func blockA(_ name: String, _ x: Tensor) -> Tensor {
    let wide = conv("\(name).branch5x5_2", conv("\(name).branch5x5_1", x), padding: (2, 2))
    let double = conv("\(name).branch3x3dbl_2", conv("\(name).branch3x3dbl_1", x), padding: (1, 1))
    return joined([
      conv("\(name).branch1x1", x), wide, conv("\(name).branch3x3dbl_3", double, padding: (1, 1)),
      conv("\(name).branch_pool", WindowPooling.average(x, stride: 1, padding: 1)),
    ])
  }

  private func blockB(_ name: String, _ x: Tensor) -> Tensor {
    let double = conv("\(name).branch3x3dbl_2", conv("\(name).branch3x3dbl_1", x), padding: (1, 1))
    return joined([
      conv("\(name).branch3x3", x, stride: 2), conv("\(name).branch3x3dbl_3", double, stride: 2),
      WindowPooling.maximum(x, stride: 2, padding: 0),
    ])
  }

  private func blockC(_ name: String, _ x: Tensor) -> Tensor {
    var single = conv("\(name).branch7x7_1", x)
    single = conv("\(name).branch7x7_2", single, padding: (0, 3))
    single = conv("\(name).branch7x7_3", single, padding: (3, 0))
    var double = conv("\(name).branch7x7dbl_1", x)
    for (layer, padding) in [(2, (3, 0)), (3, (0, 3)), (4, (3, 0)), (5, (0, 3))] {
      double = conv("\(name).branch7x7dbl_\(layer)", double, padding: padding)
    }
    return joined([
      conv("\(name).branch1x1", x), single, double,
      conv("\(name).branch_pool", WindowPooling.average(x, stride: 1, padding: 1)),
    ])
  }

  private func blockD(_ name: String, _ x: Tensor) -> Tensor {
    let single = conv("\(name).branch3x3_1", x)
    var long = conv("\(name).branch7x7x3_1", x)
    long = conv("\(name).branch7x7x3_2", long, padding: (0, 3))
    long = conv("\(name).branch7x7x3_3", long, padding: (3, 0))
    return joined([
      conv("\(name).branch3x3_2", single, stride: 2),
      conv("\(name).branch7x7x3_4", long, stride: 2),
      WindowPooling.maximum(x, stride: 2, padding: 0),
    ])
  }

  private func blockE(_ name: String, _ x: Tensor, pooling: WindowPooling) -> Tensor {
    let single = conv("\(name).branch3x3_1", x)
    let double = conv("\(name).branch3x3dbl_2", conv("\(name).branch3x3dbl_1", x), padding: (1, 1))
    return joined([
      conv("\(name).branch1x1", x),
      conv("\(name).branch3x3_2a", single, padding: (0, 1)),
      conv("\(name).branch3x3_2b", single, padding: (1, 0)),
      conv("\(name).branch3x3dbl_3a", double, padding: (0, 1)),
      conv("\(name).branch3x3dbl_3b", double, padding: (1, 0)),
      conv("\(name).branch_pool", pooling(x, stride: 1, padding: 1)),
    ])
  }

  /// Convolution, batch normalisation and ReLU.
  private func conv(
    _ name: String, _ x: Tensor, stride: Int = 1, padding: (rows: Int, columns: Int) = (0, 0)
  ) -> Tensor {
    guard let layer = layers[name] else { preconditionFailure("Inception has no layer \(name)") }
    let isSquare = padding.rows == padding.columns
    let input = isSquare ? x : padded(x, rows: padding.rows, columns: padding.columns)
    return input.convolved(
      with: layer.weight, bias: layer.bias,
      settings: ConvolutionSettings(stride: stride, padding: isSquare ? padding.rows : 0),
      negativeSlope: 0
    ).converted(to: .plain)
  }

  private func joined(_ branches: [Tensor]) -> Tensor { Tensor.concatenated(branches) }

  /// Zeros above and below, and to the left and right.
  private func padded(_ x: Tensor, rows: Int, columns: Int) -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    let newWidth = width + 2 * columns
    var result = Tensor(
      repeating: 0, shape: [x.shape[0], x.shape[1], height + 2 * rows, newWidth])
    x.withUnsafeFloats { source in
      result.withUnsafeMutableFloats { target in
        for plane in 0..<x.shape[0] * x.shape[1] {
          for row in 0..<height {
            let first = (plane * (height + 2 * rows) + row + rows) * newWidth + columns
            for column in 0..<width {
              target[first + column] = source[(plane * height + row) * width + column]
            }
          }
        }
      }
    }
    return result
  }

  /// The mean of each channel, [N, C].
  private func means(_ x: Tensor) -> Tensor {
    let area = x.shape[2] * x.shape[3]
    return x.withUnsafeFloats { values in
      Tensor(
        (0..<x.shape[0] * x.shape[1]).map { plane in
          values[plane * area..<(plane + 1) * area].reduce(0, +) / Float(area)
        }, shape: [x.shape[0], x.shape[1]])
    }
  }
}
