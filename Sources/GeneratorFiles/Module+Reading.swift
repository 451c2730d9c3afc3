import Checkpoints
import Layers
import Running
import TensorCore

extension TensorFile {
  /// Whether the file has as many numbers as a generator of a width at the very least: no memory is
  /// taken on the word of one tensor.
  func canHold(width: Int) -> Bool {
    let count = names.reduce(0) { $0 + (self[$1]?.shape.reduce(1, *) ?? 0) }
    return width > 0 && width <= 1 << 16 && 18 * width * width <= count
  }
}

extension Module {
  /// Takes the parameters and buffers from a file.
  ///
  /// - Throws: `TensorMismatchError` listing missing, unexpected and misshapen tensors; `RunError` where
  ///   numbers are no weights: not in floating point, not finite, or beyond a million.
  func readParameters(from file: TensorFile) throws {
    let buffers = buffers
    try file.match(
      parameters.map { (name: $0.name, shape: $0.shape.dimensions) }
        + buffers.map { (name: $0.name, shape: $0.value.shape.dimensions) },
      // PyTorch's counter of batches, which nothing needs.
      allowUnexpected: { !buffers.isEmpty && $0.hasSuffix(".num_batches_tracked") })
    for parameter in parameters { parameter.setElements(try file.weights(parameter.name)) }
    for buffer in buffers {
      buffer.value = Tensor(try file.weights(buffer.name), shape: buffer.value.shape)
    }
  }
}

extension TensorFile {
  /// The numbers of a tensor that can be weights of a trained network.
  ///
  /// - Throws: `RunError` where they cannot.
  fileprivate func weights(_ name: String) throws -> [Float] {
    let type = try tensor(name).elementType
    guard [.float16, .bfloat16, .float32, .float64].contains(type) else {
      throw RunError(
        .badData,
        "\(path): \(name) is stored as \(type.rawValue), whole numbers that mean "
          + "nothing without their scale; give weights in floating point")
    }
    let values = try floats(name)
    guard values.allSatisfy(\.isFinite) else {
      throw RunError(
        .badData,
        "\(path): \(name) holds numbers that are not finite; give weights of an "
          + "earlier checkpoint")
    }
    // No network is trained to such numbers, and their products overflow.
    let limit: Float = 1e6
    guard values.allSatisfy({ abs($0) <= limit }) else {
      throw RunError(
        .badData,
        "\(path): \(name) holds numbers beyond a million, which are no weights of a "
          + "trained network; give weights of an earlier checkpoint")
    }
    return values
  }
}
