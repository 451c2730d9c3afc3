package import Autodiff
import CKernels
import Kernels
package import Layers
package import TensorCore

/// How pictures in [-1, 1] are brought to the range that VGG-19 was trained on.
package enum VGGNormalization: String, Sendable, CaseIterable {
  /// ImageNet's mean and deviation, exactly.
  case exact
  /// The published DMFN code's form, whose mean is off by m / (2 s) (docs/models/dmfn.md 3.2).
  case released
}

/// The feature maps relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 of VGG-19.
///
/// The weights are frozen. A file that ends early gives the maps that it has.
///
/// - Reference: Simonyan and Zisserman 2015, arXiv 1409.1556; names of torchvision's `vgg19`.
package struct VGG19: Module {
  /// Index in torchvision's `features` and channels (in units of the width) of each convolution;
  /// nil stands for a 2x2 max pool.
  private static let plan: [(index: Int, multiple: Int)?] = [
    (0, 1), (2, 1), nil, (5, 2), (7, 2), nil, (10, 4), (12, 4), (14, 4), (16, 4), nil,
    (19, 8), (21, 8), (23, 8), (25, 8), nil, (28, 8),
  ]

  private enum Stage: Sendable {
    case convolution(weight: Parameter, bias: Parameter, isTap: Bool)
    case pool

    func callAsFunction(_ x: Variable) -> Variable {
      switch self {
      case .pool:
        x.maxPooled()
      case .convolution(let weight, let bias, _):
        // The weights are constants here: they are frozen.
        x.conv2D(
          weight: Variable(weight.value), bias: Variable(bias.value),
          settings: ConvolutionSettings(padding: 1), negativeSlope: 0)
      }
    }
  }

  private let stages: [Stage]
  private let normalization: VGGNormalization
  /// The type of feature maps.
  package var precision = ElementType.float32
  /// Whether maps between those that are asked for are computed again for the gradients, and not kept.
  package var recomputes = false

  /// Number of feature maps that the weights are enough for, 1 to 5.
  package let mapCount: Int

  /// Names and shapes that a complete file has at a width; the real network's is 64.
  package static func expectedShapes(width: Int = 64) -> [(name: String, shape: Shape)] {
    var inputChannels = 3
    var expected: [(name: String, shape: Shape)] = []
    for layer in plan.compactMap({ $0 }) {
      let outputChannels = layer.multiple * width
      expected.append(
        ("features.\(layer.index).weight", [outputChannels, inputChannels, 3, 3]))
      expected.append(("features.\(layer.index).bias", [outputChannels]))
      inputChannels = outputChannels
    }
    return expected
  }

  /// Index in `features` of the convolution behind each feature map.
  package static let tapIndices = [0, 5, 10, 19, 28]

  /// Makes the network from weights.
  ///
  /// - Parameters:
  ///   - weights: Tensors by torchvision's names; those of late layers may be missing.
  ///   - normalization: How pictures are brought to VGG's range.
  package init(weights: [String: Tensor], normalization: VGGNormalization) {
    self.normalization = normalization
    var stages: [Stage] = []
    var mapCount = 0
    var lastTap = 0
    for layer in Self.plan {
      guard let layer else {
        stages.append(.pool)
        continue
      }
      let (weightName, biasName) = (
        "features.\(layer.index).weight", "features.\(layer.index).bias"
      )
      guard let weight = weights[weightName], let bias = weights[biasName] else { break }
      let isTap = Self.tapIndices.contains(layer.index)
      stages.append(
        .convolution(
          weight: Parameter(weightName, weight), bias: Parameter(biasName, bias), isTap: isTap))
      if isTap {
        mapCount += 1
        lastTap = stages.count
      }
    }
    self.stages = Array(stages.prefix(lastTap))
    self.mapCount = mapCount
  }

  /// Random weights of the right shapes: for benchmarks and tests, of no use as a loss.
  package static func randomWeights(width: Int = 64, initializer: Initializer) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: expectedShapes(width: width).map { name, shape in
        let fanIn = shape.axisCount == 4 ? shape[1] * 9 : shape[0] * 9
        return (name, initializer.uniform(name, shape: shape, fanIn: fanIn))
      })
  }

  package var parameters: [Parameter] {
    stages.flatMap { stage -> [Parameter] in
      guard case .convolution(let weight, let bias, _) = stage else { return [] }
      return [weight, bias]
    }
  }

  /// The first feature maps of pictures, as many as the weights are enough for.
  ///
  /// - Parameters:
  ///   - pictures: RGB in [-1, 1], [N, 3, H, W].
  ///   - count: The most maps wanted.
  /// - Returns: relu1_1 [N, 64, H, W], relu2_1 [N, 128, H / 2, W / 2], and so on.
  package func callAsFunction(_ pictures: Variable, count: Int = 5) -> [Variable] {
    var features = normalized(pictures).converted(to: precision)
    var maps: [Variable] = []
    var part: [Stage] = []
    for stage in stages where maps.count < count {
      part.append(stage)
      guard case .convolution(_, _, isTap: true) = stage else { continue }
      let body: @Sendable (Variable) -> Variable = { [part] x in part.reduce(x) { $1($0) } }
      features = recomputes ? features.recomputed(parameters: [], body) : body(features)
      maps.append(features)
      part = []
    }
    return maps
  }

  /// `(x - shift) / scale` for each colour (docs/models/dmfn.md 3.2).
  private func normalized(_ x: Variable) -> Variable {
    let means: [Float] = [0.485, 0.456, 0.406]
    let scales: [Float] = [0.229 * 2, 0.224 * 2, 0.225 * 2]
    let shifts = means.map { normalization == .exact ? 2 * $0 - 1 : $0 - 1 }
    let factor = Variable(Tensor(scales.map { 1 / $0 }, shape: [1, 3, 1, 1])).repeated(to: x.shape)
    let offset = Variable(Tensor(zip(shifts, scales).map { -$0 / $1 }, shape: [3]))
    return (x.plain() * factor).addingToChannels(offset)
  }
}
