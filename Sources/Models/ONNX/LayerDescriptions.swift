import Autodiff
import Interchange
import Kernels
import Layers
import TensorCore

extension ONNXGraph {
  /// A parameter's elements under its published name.
  mutating func constant(_ parameter: Parameter) -> ONNXValue {
    parameter.value.withUnsafeFloats {
      constant(
        parameter.name, UnsafeBufferPointer(rebasing: $0.prefix(parameter.shape.elementCount)),
        shape: parameter.shape.dimensions)
    }
  }

  /// `activation(conv(x) + bias)`.
  mutating func convolved(
    _ x: ONNXValue, _ layer: Conv2D, activation: Activation = .none
  ) -> ONNXValue {
    let result = apply(
      "Conv", [x, constant(layer.weight), constant(layer.bias)],
      attributes(layer.settings), name: layer.weight.layerName)
    switch activation {
    case .none: return result
    case .relu: return apply("Relu", [result], name: "\(result.name).relu")
    case .leakyReLU(let slope):
      return apply(
        "LeakyRelu", [result], ["alpha": .number(slope)], name: "\(result.name).leaky_relu")
    }
  }

  /// The convolution alone, for a normalisation that follows; see `Conv2D.withoutBias`.
  mutating func convolvedWithoutBias(_ x: ONNXValue, _ layer: Conv2D) -> ONNXValue {
    apply(
      "Conv", [x, constant(layer.weight)], attributes(layer.settings),
      name: layer.weight.layerName)
  }

  /// The transposed convolution alone, for a normalisation that follows.
  mutating func convolvedWithoutBias(_ x: ONNXValue, _ layer: ConvTranspose2D) -> ONNXValue {
    apply(
      "ConvTranspose", [x, constant(layer.weight)], attributes(layer.settings),
      name: layer.weight.layerName)
  }

  /// Instance norm without weight and bias, and a ReLU where it is asked for.
  mutating func instanceNormalized(
    _ x: ONNXValue, channels: Int, relu: Bool
  ) -> ONNXValue {
    let (weight, bias) = (
      constant("\(x.name).norm.weight", Array(repeating: 1, count: channels)),
      constant("\(x.name).norm.bias", Array(repeating: 0, count: channels))
    )
    let result = apply(
      "InstanceNormalization", [x, weight, bias], ["epsilon": .number(1e-5)],
      name: "\(x.name).norm")
    return relu ? apply("Relu", [result], name: "\(x.name).relu") : result
  }

  /// A fully connected layer.
  mutating func multiplied(_ x: ONNXValue, _ layer: Linear) -> ONNXValue {
    apply(
      "Gemm", [x, constant(layer.weight), constant(layer.bias)], ["transB": .integer(1)],
      name: layer.weight.layerName)
  }

  /// Batch norm with the running statistics.
  mutating func batchNormalized(_ x: ONNXValue, _ layer: BatchNorm2D) -> ONNXValue {
    let statistics = layer.buffers.map { buffer in
      constant(buffer.name, buffer.value.elements)
    }
    return apply(
      "BatchNormalization",
      [x, constant(layer.weight), constant(layer.bias)] + statistics,
      ["epsilon": .number(1e-5)], name: layer.weight.layerName)
  }

  private func attributes(
    _ settings: ConvolutionSettings
  ) -> KeyValuePairs<String, ONNXAttribute> {
    [
      "strides": .integers([settings.stride, settings.stride]),
      "pads": .integers(
        [0, 0, settings.trailingPadding, settings.trailingPadding].map { $0 + settings.padding }),
      "dilations": .integers([settings.dilation, settings.dilation]),
    ]
  }
}

extension Parameter {
  /// The name of the layer that a weight belongs to: `blocks.0.c1` for `blocks.0.c1.weight`.
  fileprivate var layerName: String {
    name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
  }
}
