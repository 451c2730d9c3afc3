package import Interchange
import Layers

extension DCGANGenerator: LatentGenerator {
  package var kindName: String { "DCGAN" }

  package var exportedFacts: KeyValuePairs<String, String> {
    [
      "model.kind": "dcgan", "model.width": "\(settings.width)",
      "model.latent": "\(settings.latent)", "data.side": "\(settings.side)",
    ]
  }

  package var latentCount: Int { settings.latent }

  package var side: Int { settings.side }

  /// The same layers as `inferred`, in ONNX's operators.
  package func addLayers(to graph: inout ONNXGraph, latent: ONNXValue) -> ONNXValue {
    var maps = graph.apply(
      "Reshape", [latent, graph.constant("one_pixel", integers: [0, settings.latent, 1, 1])],
      name: "vector")
    for (layer, weight) in weights.enumerated() {
      let doubles = layer > 0
      maps = graph.apply(
        "ConvTranspose", [maps, graph.constant(weight)],
        [
          "strides": .integers(doubles ? [2, 2] : [1, 1]),
          "pads": .integers(Array(repeating: doubles ? 1 : 0, count: 4)),
        ], name: "main.\(3 * layer)")
      guard layer < norms.count else { break }
      maps = graph.apply(
        "Relu", [graph.batchNormalized(maps, norms[layer])], name: "main.\(3 * layer + 2)")
    }
    return graph.apply("Tanh", [maps], name: "image")
  }
}
