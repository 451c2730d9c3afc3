import Autodiff
import Interchange
import Layers

/// How a decoder doubles height and width.
package enum UpsamplingKind: String, Sendable, CaseIterable {
  /// A 4x4 convolution of stride 2, transposed, as published.
  case transposed
  /// Every value four times, then a 3x3 convolution.
  case nearest
  /// Bilinear interpolation between the centres of pixels, then a 3x3 convolution.
  case bilinear
}

/// A layer that doubles height and width, before a normalisation.
///
/// A transposed convolution treats pixels of even and odd rows and columns by different weights, which
/// can be seen as a chessboard; interpolation followed by a convolution treats all alike.
///
/// - Reference: Odena et al. 2016, Deconvolution and Checkerboard Artifacts.
struct Doubling: Module {
  private enum Layer {
    case transposed(ConvTranspose2D)
    case interpolated(Conv2D, bilinear: Bool)
  }

  /// The end of the name of the layer that follows an interpolation: `decoder.1.upconv`.
  static let interpolatedName = "upconv"

  let outputChannels: Int
  private let layer: Layer

  /// Makes a layer: `name.deconv`, or `name.upconv` where it interpolates.
  init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, kind: UpsamplingKind,
    initializer: Initializer
  ) {
    self.outputChannels = outputChannels
    layer =
      kind == .transposed
      ? .transposed(
        ConvTranspose2D("\(name).deconv", inputChannels, outputChannels, initializer: initializer))
      : .interpolated(
        Conv2D(
          "\(name).\(Self.interpolatedName)", inputChannels, outputChannels, kernelSize: 3,
          initializer: initializer), bilinear: kind == .bilinear)
  }

  var parameters: [Parameter] {
    switch layer {
    case .transposed(let layer): layer.parameters
    case .interpolated(let layer, _): layer.parameters
    }
  }

  /// [N, I, H, W] -> [N, O, 2 H, 2 W], without a bias.
  func withoutBias(_ x: Variable) -> Variable {
    switch layer {
    case .transposed(let layer): layer.withoutBias(x)
    case .interpolated(let layer, bilinear: false): layer.withoutBias(x.upsampledNearest())
    case .interpolated(let layer, bilinear: true): layer.withoutBias(x.upsampledBilinear())
    }
  }

  /// The same in ONNX's operators.
  func add(to graph: inout ONNXGraph, _ x: ONNXValue) -> ONNXValue {
    switch layer {
    case .transposed(let layer): return graph.convolvedWithoutBias(x, layer)
    case .interpolated(let layer, let bilinear):
      let (none, scales) = (
        graph.constant("\(x.name).roi", [], shape: [0]),
        graph.constant("\(x.name).scales", [1, 1, 2, 2])
      )
      let doubled = graph.apply(
        "Resize", [x, none, scales],
        [
          "mode": .text(bilinear ? "linear" : "nearest"),
          "coordinate_transformation_mode": .text(bilinear ? "half_pixel" : "asymmetric"),
          "nearest_mode": .text("floor"),
        ], name: "\(x.name).doubled")
      return graph.convolvedWithoutBias(doubled, layer)
    }
  }
}
