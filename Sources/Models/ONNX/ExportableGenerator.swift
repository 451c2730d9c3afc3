package import Interchange
import TensorCore

/// A generator that fills holes and can be written as an ONNX file.
///
/// A model describes its own layers; what all of them have in common, the masking before and the
/// composite after, is added here once.
package protocol ExportableGenerator: ExportableNetwork {
  /// How its picture and the known pixels become one picture.
  var compositeKind: CompositeKind { get }
  /// Height and width of what `addLayers` is given are multiples of this.
  var sizeMultiple: Int { get }

  /// Adds the generator's layers to a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - masked: RGB in [-1, 1], 0 in the hole, [N, 3, H, W].
  ///   - hole: 1 = hole, 0 = known, [N, 1, H, W].
  /// - Returns: RGB in [-1, 1], [N, 3, H, W], for known pixels too.
  func addLayers(
    to graph: inout ONNXGraph, masked: ONNXValue, hole: ONNXValue
  ) -> ONNXValue
}

extension ExportableGenerator {
  /// The generator with its composite as an ONNX file.
  ///
  /// Inputs are `image`, RGB in [-1, 1], [N, 3, H, W], and `mask`, 1 = hole, [N, 1, H, W], of any
  /// number, height and width; the output is `filled`, [N, 3, H, W]: the generator's pixels in the
  /// hole, joined by its kind of composite, and the image's own elsewhere, bit for bit.
  ///
  /// - Parameter producerVersion: The version of this program.
  /// - Returns: The file's bytes.
  package func onnxModel(producerVersion: String) -> [UInt8] {
    var graph = ONNXGraph()
    func dimensions(_ channels: Int) -> [ONNXDimension] {
      [.dynamic("batch"), .fixed(channels), .dynamic("height"), .dynamic("width")]
    }
    let image = graph.input("image", dimensions(3), about: "RGB in [-1, 1]")
    let mask = graph.input("mask", dimensions(1), about: "1 = hole, 0 = known")

    let half = graph.constant("half", [0.5], shape: [])
    let isHole = graph.apply("Greater", [mask, half], name: "is_hole")
    let generated = addPadded(to: &graph, image: image, isHole: isHole)
    let joined =
      switch compositeKind {
      case .plain: generated
      case .membrane: ONNXMembrane.joined(generated, to: image, isHole: isHole, in: &graph)
      }
    let filled = graph.apply("Where", [isHole, joined, image], name: "filled")
    graph.output(filled, dimensions(3), about: "RGB in [-1, 1]; known pixels as in image")
    return graph.model(
      name: "\(kindName) generator with composite", producerVersion: producerVersion,
      about: """
        Fills holes of photographs. image: RGB in [-1, 1], [N, 3, H, W]; mask: 1 = hole, \
        [N, 1, H, W]; filled: [N, 3, H, W], known pixels as in image.
        """,
      metadata: exportedFacts)
  }

  /// The layers on a picture whose last row and column are repeated, as known pixels, up to the next
  /// multiple.
  private func addPadded(
    to graph: inout ONNXGraph, image: ONNXValue, isHole: ONNXValue
  ) -> ONNXValue {
    let (zero, one) = (
      graph.constant("zero", [0], shape: []), graph.constant("one", [1], shape: [])
    )
    let shape = graph.apply("Shape", [image], name: "shape")
    let (two, four) = (graph.constant("two", integers: [2]), graph.constant("four", integers: [4]))
    let size = graph.apply("Slice", [shape, two, four], name: "size")
    let minusSize = graph.apply("Neg", [size], name: "minus_size")
    let multiple = graph.constant("size_multiple", integers: [sizeMultiple])
    // The remainder has the divisor's sign: it is what is missing to the next multiple.
    let missing = graph.apply("Mod", [minusSize, multiple], name: "missing")
    let none = graph.constant("no_padding", integers: [0, 0, 0, 0, 0, 0])
    let padding = graph.apply("Concat", [none, missing], ["axis": .integer(0)], name: "padding")
    func padded(_ value: ONNXValue, mode: String) -> ONNXValue {
      graph.apply("Pad", [value, padding], ["mode": .text(mode)], name: "\(value.name).padded")
    }
    let whole = padded(image, mode: "edge")
    let hole = padded(
      graph.apply("Where", [isHole, one, zero], name: "hole"), mode: "constant")
    let isHidden = graph.apply("Greater", [hole, zero], name: "is_hidden")
    let masked = graph.apply("Where", [isHidden, zero, whole], name: "masked")
    let generated = addLayers(to: &graph, masked: masked, hole: hole)
    let (start, axes) = (
      graph.constant("crop_start", integers: [0, 0]), graph.constant("crop_axes", integers: [2, 3])
    )
    return graph.apply("Slice", [generated, start, size, axes], name: "cropped")
  }
}
