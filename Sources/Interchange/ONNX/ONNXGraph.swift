/// A value that flows through an `ONNXGraph`.
package struct ONNXValue: Sendable {
  /// Its name, unique in the graph.
  package let name: String
}

/// An extent of a graph's input or output.
package enum ONNXDimension: Sendable {
  /// The same for every call.
  case fixed(Int)
  /// Chosen by the caller; extents of one name are equal.
  case dynamic(String)
}

/// A setting of an operator.
package enum ONNXAttribute: Sendable {
  /// A whole number.
  case integer(Int)
  /// Whole numbers.
  case integers([Int])
  /// A number.
  case number(Float)
  /// A text.
  case text(String)
}

/// A network as ONNX describes it, built operator by operator.
///
/// Values are named after what they belong to, such as `encoder.0.conv`, and numbered where a name
/// comes twice.
///
/// - Reference: onnx.ai, "Open Neural Network Exchange Intermediate Representation"; field numbers
///   of onnx.proto.
package struct ONNXGraph: Sendable {
  /// The operators' version: the first one that runtimes from 2022 on all know.
  package static let operatorVersion = 17
  /// The version of the file format that belongs to it.
  package static let formatVersion = 8

  private var nodes: [ProtobufMessage] = []
  private var constants: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []
  private var uses: [String: Int] = [:]

  /// Starts without operators.
  package init() {}

  /// Declares an input of single-precision numbers.
  package mutating func input(
    _ name: String, _ dimensions: [ONNXDimension], about: String
  ) -> ONNXValue {
    let value = ONNXValue(name: unique(name))
    inputs.append(Self.declaration(value, dimensions, about: about))
    return value
  }

  /// Declares that a value is what the graph computes.
  ///
  /// - Precondition: The value was computed under this name: see `apply`.
  package mutating func output(
    _ value: ONNXValue, _ dimensions: [ONNXDimension], about: String
  ) {
    outputs.append(Self.declaration(value, dimensions, about: about))
  }

  /// Adds single-precision numbers, such as a weight.
  ///
  /// - Precondition: The extents' product is the number of elements.
  package mutating func constant(
    _ name: String, _ elements: UnsafeBufferPointer<Float>, shape: [Int]
  ) -> ONNXValue {
    precondition(shape.reduce(1, *) == elements.count, "\(name): \(elements.count) elements")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(elements.count * 4)
    for element in elements {
      withUnsafeBytes(of: element.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return constant(name, type: .float, bytes: bytes, shape: shape)
  }

  /// Adds single-precision numbers in a vector, or a scalar where `shape` is empty.
  package mutating func constant(_ name: String, _ elements: [Float], shape: [Int]? = nil)
    -> ONNXValue
  {
    elements.withUnsafeBufferPointer { constant(name, $0, shape: shape ?? [$0.count]) }
  }

  /// Adds a whole number without axes.
  package mutating func constant(_ name: String, integer element: Int) -> ONNXValue {
    constant(name, integers: [element], shape: [])
  }

  /// Adds a vector of whole numbers, such as sizes.
  package mutating func constant(_ name: String, integers elements: [Int]) -> ONNXValue {
    constant(name, integers: elements, shape: [elements.count])
  }

  private mutating func constant(_ name: String, integers elements: [Int], shape: [Int])
    -> ONNXValue
  {
    let bytes = elements.flatMap { element in
      withUnsafeBytes(of: Int64(element).littleEndian) { Array($0) }
    }
    return constant(name, type: .int64, bytes: bytes, shape: shape)
  }

  /// Adds an operator with one result.
  ///
  /// - Parameters:
  ///   - type: The operator's name in ONNX.
  ///   - operands: Its inputs.
  ///   - attributes: Its settings.
  ///   - name: What the result is called.
  /// - Returns: The result.
  package mutating func apply(
    _ type: String, _ operands: [ONNXValue],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], name: String
  ) -> ONNXValue {
    let result = ONNXValue(name: unique(name))
    var node = ProtobufMessage()
    for operand in operands { node.add(1, operand.name) }
    node.add(2, result.name)
    node.add(3, result.name)
    node.add(4, type)
    for (key, value) in attributes { node.add(5, Self.attribute(key, value)) }
    nodes.append(node)
    return result
  }

  /// The whole file.
  ///
  /// - Parameters:
  ///   - name: The graph's name.
  ///   - producerVersion: The version of this program.
  ///   - about: What people should know.
  ///   - metadata: Facts that programs may read.
  /// - Returns: The file's bytes.
  package func model(
    name: String, producerVersion: String, about: String,
    metadata: KeyValuePairs<String, String> = [:]
  ) -> [UInt8] {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for constant in constants { graph.add(5, constant) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }

    var operators = ProtobufMessage()
    operators.add(1, "")
    operators.add(2, Self.operatorVersion)

    var model = ProtobufMessage()
    model.add(1, Self.formatVersion)
    model.add(2, "inpaint")
    model.add(3, producerVersion)
    model.add(6, about)
    model.add(7, graph)
    model.add(8, operators)
    for (key, value) in metadata {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model.bytes
  }

  private mutating func unique(_ name: String) -> String {
    uses[name, default: 0] += 1
    let count = uses[name, default: 1]
    return count == 1 ? name : unique("\(name).\(count)")
  }

  private enum ElementType: Int {
    case float = 1
    case int64 = 7
  }

  private mutating func constant(
    _ name: String, type: ElementType, bytes: [UInt8], shape: [Int]
  ) -> ONNXValue {
    let value = ONNXValue(name: unique(name))
    var tensor = ProtobufMessage()
    for extent in shape { tensor.add(1, extent) }
    tensor.add(2, type.rawValue)
    tensor.add(8, value.name)
    tensor.add(9, bytes)
    constants.append(tensor)
    return value
  }

  private static func attribute(_ name: String, _ value: ONNXAttribute) -> ProtobufMessage {
    var attribute = ProtobufMessage()
    attribute.add(1, name)
    switch value {
    case .number(let number):
      attribute.add(2, number)
      attribute.add(20, 1)
    case .integer(let integer):
      attribute.add(3, integer)
      attribute.add(20, 2)
    case .text(let text):
      attribute.add(4, text)
      attribute.add(20, 3)
    case .integers(let integers):
      for integer in integers { attribute.add(8, integer) }
      attribute.add(20, 7)
    }
    return attribute
  }

  private static func declaration(
    _ value: ONNXValue, _ dimensions: [ONNXDimension], about: String
  ) -> ProtobufMessage {
    var shape = ProtobufMessage()
    for dimension in dimensions {
      var extent = ProtobufMessage()
      switch dimension {
      case .fixed(let count): extent.add(1, count)
      case .dynamic(let name): extent.add(2, name)
      }
      shape.add(1, extent)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, ElementType.float.rawValue)
    tensor.add(2, shape)
    var type = ProtobufMessage()
    type.add(1, tensor)
    var declaration = ProtobufMessage()
    declaration.add(1, value.name)
    declaration.add(2, type)
    declaration.add(3, about)
    return declaration
  }
}
