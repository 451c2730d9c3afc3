import Interchange
import Layers
import TensorCore

extension NoiseNetwork {
  /// The input `noise` and the layers behind it, in ONNX's operators: [N, 64].
  func addHidden(to graph: inout ONNXGraph) -> ONNXValue {
    let noise = graph.input(
      "noise", [.dynamic("batch"), .fixed(count)],
      about: "numbers of the normal distribution; zeros for the mean filling")
    return layers.enumerated().reduce(noise) { value, layer in
      graph.apply(
        "Relu", [graph.multiplied(value, layer.element)], name: "noise.\(2 * layer.offset + 1)")
    }
  }

  /// A block's maps, scaled and shifted.
  func add(
    to graph: inout ONNXGraph, _ maps: ONNXValue, block: Int, hidden: ONNXValue
  ) -> ONNXValue {
    let (head, name) = (heads[block], "noise.heads.\(block)")
    let channels = head.weight.shape[0] / 2
    let numbers = graph.apply(
      "Reshape",
      [
        graph.multiplied(hidden, head),
        graph.constant("\(name).shape", integers: [0, 2 * channels, 1, 1]),
      ], name: "\(name).numbers")
    func part(_ range: Range<Int>, _ what: String) -> ONNXValue {
      graph.apply(
        "Slice",
        [
          numbers, graph.constant("\(name).\(what).start", integers: [range.lowerBound]),
          graph.constant("\(name).\(what).end", integers: [range.upperBound]),
          graph.constant("\(name).\(what).axis", integers: [1]),
        ], name: "\(name).\(what)")
    }
    let scale = graph.apply(
      "Add", [part(0..<channels, "scale"), graph.constant("\(name).one", [1], shape: [])],
      name: "\(name).factor")
    let scaled = graph.apply("Mul", [maps, scale], name: "\(name).scaled")
    return graph.apply(
      "Add", [scaled, part(channels..<2 * channels, "shift")], name: "\(name).modulated")
  }
}
