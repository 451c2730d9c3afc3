import Kernels
package import TensorCore

/// LPIPS: a distance of two pictures by the features of a classifier.
///
/// Features of five layers are scaled to unit length over the channels at each pixel; the squared
/// differences, weighted for each channel by what people said of pairs of pictures, are averaged over
/// pixels and summed over the layers.
///
/// - Reference: Zhang et al. 2018, "The unreasonable effectiveness of deep features as a perceptual
///   metric", arXiv 1801.03924; version 0.1 of the published weights.
package struct PerceptualDistance {
  /// The classifier.
  package enum Backbone: String, CaseIterable, Sendable {
    /// AlexNet, torchvision's `alexnet`.
    case alex
    /// VGG-16, torchvision's `vgg16`.
    case vgg

    fileprivate var stages: [Stage] {
      func conv(_ index: Int, padding: Int = 1, stride: Int = 1, tap: Bool = false) -> Stage {
        .convolution(index: index, padding: padding, stride: stride, isTap: tap)
      }
      switch self {
      case .alex:
        return [
          conv(0, padding: 2, stride: 4, tap: true), .pool, conv(3, padding: 2, tap: true), .pool,
          conv(6, tap: true), conv(8, tap: true), conv(10, tap: true),
        ]
      case .vgg:
        return [
          conv(0), conv(2, tap: true), .pool, conv(5), conv(7, tap: true), .pool, conv(10),
          conv(12), conv(14, tap: true), .pool, conv(17), conv(19), conv(21, tap: true), .pool,
          conv(24), conv(26), conv(28, tap: true),
        ]
      }
    }
  }

  fileprivate enum Stage {
    case convolution(index: Int, padding: Int, stride: Int, isTap: Bool)
    case pool
  }

  /// Names and shapes of the tensors that a backbone needs: torchvision's of the features, and LPIPS's
  /// `lin0.model.1.weight` to `lin4.model.1.weight`.
  package static func expectedShapes(_ backbone: Backbone) -> [(name: String, shape: Shape)] {
    let kernels = backbone == .alex ? [11, 5, 3, 3, 3] : Array(repeating: 3, count: 13)
    let channels =
      backbone == .alex
      ? [64, 192, 384, 256, 256]
      : [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    var expected: [(name: String, shape: Shape)] = []
    var (input, number, taps) = (3, 0, 0)
    for case .convolution(let index, _, _, let isTap) in backbone.stages {
      let output = channels[number]
      expected.append(
        ("features.\(index).weight", [output, input, kernels[number], kernels[number]]))
      expected.append(("features.\(index).bias", [output]))
      if isTap {
        expected.append(("lin\(taps).model.1.weight", [1, output, 1, 1]))
        taps += 1
      }
      (input, number) = (output, number + 1)
    }
    return expected
  }

  private let backbone: Backbone
  private let weights: [String: Tensor]

  /// Makes the distance from weights by the names of `expectedShapes`.
  ///
  /// - Precondition: All of them are there.
  package init(_ backbone: Backbone, weights: [String: Tensor]) {
    (self.backbone, self.weights) = (backbone, weights)
  }

  /// The distance of each pair of pictures.
  ///
  /// - Parameters:
  ///   - a: RGB in [-1, 1], [N, 3, H, W]; H and W at least 31 for AlexNet and 16 for VGG-16.
  ///   - b: The same shape.
  /// - Returns: N distances, at least 0.
  package func callAsFunction(_ a: Tensor, _ b: Tensor) -> [Double] {
    var distances = [Double](repeating: 0, count: a.shape[0])
    for (layer, maps) in zip(features(of: a), features(of: b)).enumerated() {
      guard let linear = weights["lin\(layer).model.1.weight"] else {
        preconditionFailure("LPIPS without the weights of layer \(layer)")
      }
      for (image, distance) in differences(maps.0, maps.1, linear).enumerated() {
        distances[image] += distance
      }
    }
    return distances
  }

  private func features(of pictures: Tensor) -> [Tensor] {
    var features = scaled(pictures)
    var taps: [Tensor] = []
    for stage in backbone.stages {
      switch stage {
      case .pool:
        features =
          backbone == .vgg
          ? features.maxPooled() : WindowPooling.maximum(features, stride: 2, padding: 0)
      case .convolution(let index, let padding, let stride, let isTap):
        guard let weight = weights["features.\(index).weight"] else {
          preconditionFailure("LPIPS without features.\(index).weight")
        }
        features = features.convolved(
          with: weight, bias: weights["features.\(index).bias"],
          settings: ConvolutionSettings(stride: stride, padding: padding), negativeSlope: 0)
        if isTap { taps.append(features.converted(to: .plain)) }
      }
    }
    return taps
  }

  /// ImageNet's mean and deviation, for pictures in [-1, 1].
  private func scaled(_ pictures: Tensor) -> Tensor {
    let shift: [Float] = [-0.030, -0.088, -0.188]
    let scale: [Float] = [0.458, 0.448, 0.450]
    let area = pictures.shape[2] * pictures.shape[3]
    return pictures.withUnsafeFloats { values in
      Tensor(
        values.indices.map { (values[$0] - shift[$0 / area % 3]) / scale[$0 / area % 3] },
        shape: pictures.shape)
    }
  }

  /// The mean over pixels of the weighted squared differences of unit vectors, for each picture.
  private func differences(_ a: Tensor, _ b: Tensor, _ linear: Tensor) -> [Double] {
    let (channels, area) = (a.shape[1], a.shape[2] * a.shape[3])
    return a.withUnsafeFloats { a in
      b.withUnsafeFloats { b in
        linear.withUnsafeFloats { linear in
          (0..<a.count / (channels * area)).map { image in
            var sum = 0.0
            for pixel in 0..<area {
              let first = image * channels * area + pixel
              let positions = stride(from: first, to: first + channels * area, by: area)
              func length(_ values: UnsafeBufferPointer<Float>) -> Float {
                positions.reduce(Float(0)) { $0 + values[$1] * values[$1] }.squareRoot() + 1e-10
              }
              let (lengthA, lengthB) = (length(a), length(b))
              for (channel, position) in positions.enumerated() {
                let difference = a[position] / lengthA - b[position] / lengthB
                sum += Double(linear[channel] * difference * difference)
              }
            }
            return sum / Double(area)
          }
        }
      }
    }
  }
}
