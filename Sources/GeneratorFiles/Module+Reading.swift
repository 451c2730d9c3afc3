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
  /// Takes the parameters from a file.
  ///
  /// - Throws: `TensorMismatchError` listing missing, unexpected and misshapen tensors; `RunError` where
  ///   numbers are no weights: not in floating point, not finite, or beyond a million.
  func readParameters(from file: TensorFile) throws {
    try file.match(parameters.map { (name: $0.name, shape: $0.shape.dimensions) })
    for parameter in parameters {
      let type = try file.tensor(parameter.name).elementType
      guard [.float16, .bfloat16, .float32, .float64].contains(type) else {
        throw RunError(
          .badData,
          "\(file.path): \(parameter.name) is stored as \(type.rawValue), whole numbers that mean "
            + "nothing without their scale; give weights in floating point")
      }
      let values = try file.floats(parameter.name)
      guard values.allSatisfy(\.isFinite) else {
        throw RunError(
          .badData,
          "\(file.path): \(parameter.name) holds numbers that are not finite; give weights of an "
            + "earlier checkpoint")
      }
      // No network is trained to such numbers, and their products overflow.
      let limit: Float = 1e6
      guard values.allSatisfy({ abs($0) <= limit }) else {
        throw RunError(
          .badData,
          "\(file.path): \(parameter.name) holds numbers beyond a million, which are no weights of a "
            + "trained network; give weights of an earlier checkpoint")
      }
      parameter.setElements(values)
    }
  }
}
