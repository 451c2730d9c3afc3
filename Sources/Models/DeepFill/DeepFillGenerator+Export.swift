package import Interchange
import Layers

extension DeepFillGenerator: ExportableGenerator {
  package var kindName: String { "DeepFill" }

  package var exportedFacts: KeyValuePairs<String, String> {
    [
      "model.kind": "deepfill", "model.compat": settings.convention.rawValue,
      "model.width": "\(settings.width)", "model.composite": compositeKind.rawValue,
    ]
  }

  package var sizeMultiple: Int { 8 }

  /// The same layers as `callAsFunction`, in ONNX's operators.
  package func addLayers(
    to graph: inout ONNXGraph, masked: ONNXValue, hole: ONNXValue
  ) -> ONNXValue {
    let ones = graph.apply(
      "Add",
      [
        graph.apply(
          "Mul", [hole, graph.constant("nothing", [0], shape: [])], name: "empty_plane"),
        graph.constant("everything", [1], shape: []),
      ], name: "ones")
    func withPlanes(_ picture: ONNXValue) -> ONNXValue {
      graph.apply(
        "Concat", [picture, ones, hole], ["axis": .integer(1)], name: "\(picture.name).with_planes")
    }
    let coarse = coarseNetwork.add(to: &graph, withPlanes(masked))
    let inHole = graph.apply("Mul", [coarse, hole], name: "coarse.in_hole")
    let x = withPlanes(graph.apply("Add", [masked, inHole], name: "coarse.filled"))
    let rebuilt = settings.convention.attention.add(
      to: &graph, attentionBranch.before.add(to: &graph, x), hole: hole,
      channels: 4 * settings.width)
    let branches = [
      dilatedBranch.add(to: &graph, x), attentionBranch.after.add(to: &graph, rebuilt),
    ]
    return merged.add(
      to: &graph, graph.apply("Concat", branches, ["axis": .integer(1)], name: "branches"))
  }
}

extension DeepFillChain {
  /// The same layers as `callAsFunction`, in ONNX's operators.
  fileprivate func add(to graph: inout ONNXGraph, _ x: ONNXValue) -> ONNXValue {
    units.reduce(x) { $1.add(to: &graph, $0) }
  }
}

extension DeepFillUnit {
  fileprivate func add(to graph: inout ONNXGraph, _ x: ONNXValue) -> ONNXValue {
    let x = upsamples ? Self.upsampled(&graph, x) : x
    switch activation {
    case .elu:
      let y = graph.convolved(x, conv)
      return graph.apply("Elu", [y], ["alpha": .number(1)], name: "\(y.name).elu")
    case .relu: return graph.convolved(x, conv, activation: .relu)
    case .leakyReLU: return graph.convolved(x, conv, activation: .leakyReLU(0.2))
    case .clip:
      let bounds = [
        graph.constant("least", [-1], shape: []), graph.constant("most", [1], shape: []),
      ]
      let y = graph.convolved(x, conv)
      return graph.apply("Clip", [y] + bounds, name: "\(y.name).clipped")
    }
  }

  private static func upsampled(_ graph: inout ONNXGraph, _ x: ONNXValue) -> ONNXValue {
    graph.apply(
      "Resize",
      [
        x, graph.constant("upsampling.no_region", []),
        graph.constant("upsampling.scales", [1, 1, 2, 2]),
      ],
      [
        "mode": .text("nearest"), "nearest_mode": .text("floor"),
        "coordinate_transformation_mode": .text("asymmetric"),
      ], name: "\(x.name).upsampled")
  }
}
