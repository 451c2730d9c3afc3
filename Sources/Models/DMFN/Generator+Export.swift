package import Interchange
import Layers
import TensorCore

extension Generator: ExportableGenerator {
  package var kindName: String { "DMFN" }

  package var exportedFacts: KeyValuePairs<String, String> {
    [
      "model.kind": "dmfn", "model.block": settings.block.rawValue,
      "model.width": "\(settings.width)", "model.blocks": "\(settings.blocks)",
      "model.attention": "\(settings.attention)", "model.noise": "\(settings.noise)",
      "model.upsampling": settings.upsampling.rawValue,
      "model.composite": compositeKind.rawValue,
    ]
  }

  /// The attention halves the features, which are at a quarter of the picture's size.
  package var sizeMultiple: Int { settings.attention ? 8 : 4 }

  /// The same layers as `callAsFunction`, in ONNX's operators; a generator with noise has the further input
  /// `noise`.
  package func addLayers(
    to graph: inout ONNXGraph, masked: ONNXValue, hole: ONNXValue
  ) -> ONNXValue {
    let x = graph.apply("Concat", [masked, hole], ["axis": .integer(1)], name: "masked_and_hole")
    func normalized(_ features: ONNXValue, _ layer: Conv2D) -> ONNXValue {
      graph.instanceNormalized(
        graph.convolvedWithoutBias(features, layer), channels: layer.weight.shape[0], relu: true)
    }
    var features = graph.convolved(x, encoder[0], activation: .relu)
    for layer in encoder.dropFirst() { features = normalized(features, layer) }
    let hidden = noiseNetwork.map { $0.addHidden(to: &graph) }
    for (index, block) in blocks.enumerated() {
      features = block.add(to: &graph, features)
      if let noiseNetwork, let hidden {
        features = noiseNetwork.add(to: &graph, features, block: index, hidden: hidden)
      }
    }
    if settings.attention {
      let rebuilt = Self.attention.add(
        to: &graph, features, hole: hole, channels: 4 * settings.width)
      features = graph.apply("Add", [features, rebuilt], name: "attended")
    }
    features = normalized(features, refinement)
    for layer in upsampling {
      features = graph.instanceNormalized(
        layer.doubling.add(to: &graph, features), channels: layer.doubling.outputChannels,
        relu: true)
      features = normalized(features, layer.convolution)
    }
    return graph.apply("Tanh", [graph.convolved(features, output)], name: "generated")
  }
}

extension FusionBlock {
  /// The same layers as `callAsFunction`, in ONNX's operators: [N, C, H, W] -> [N, C, H, W].
  fileprivate func add(to graph: inout ONNXGraph, _ x: ONNXValue) -> ONNXValue {
    func normalized(_ features: ONNXValue, _ layer: Conv2D, relu: Bool = true) -> ONNXValue {
      graph.instanceNormalized(
        graph.convolvedWithoutBias(features, layer), channels: layer.weight.shape[0], relu: relu)
    }
    let reduced = normalized(x, reduction)
    var sums: [ONNXValue] = []
    for (index, branch) in branches.enumerated() {
      var sum =
        kind == .paper ? normalized(reduced, branch) : graph.convolved(reduced, branch)
      if let previous = sums.last {
        sum = graph.apply("Add", [previous, sum], name: "\(sum.name).sum")
        if kind == .paper { sum = graph.convolved(sum, sumConvolutions[index - 1]) }
      }
      sums.append(sum)
    }
    let joined = graph.apply("Concat", sums, ["axis": .integer(1)], name: "\(reduced.name).joined")
    let fused = graph.instanceNormalized(
      joined, channels: sums.count * reduction.weight.shape[0], relu: true)
    return graph.apply(
      "Add", [x, normalized(fused, fusion, relu: false)], name: "\(reduced.name).block")
  }
}
