import Checkpoints
import Layers
package import Models
import TensorCore

/// Reads a generator whose size is told by the names and shapes of its tensors.
///
/// - Parameter path: safetensors, or a PyTorch file.
/// - Returns: The generator with the file's weights.
/// - Throws: What is wrong with the file: its format, or every missing, unexpected and misshapen tensor.
package func readGenerator(_ path: String) throws -> Generator {
  let file = try readWeights(path, remedy: "give generator weights with --weights")
  let blockNumbers = Set(
    file.names.filter { $0.hasPrefix("blocks.") }
      .compactMap { $0.split(separator: ".").dropFirst().first.flatMap { Int($0) } })
  // Sizes are believed only as far as the file has the numbers that belong to them.
  guard let first = file["encoder.0.conv.weight"], first.shape.count == 4,
    first.shape[0] > 0, Array(first.shape.dropFirst()) == [4, 5, 5],
    blockNumbers == Set(0..<blockNumbers.count)
  else {
    throw RunError(
      .badData,
      "\(path): no encoder.0.conv.weight of shape [width, 4, 5, 5], or blocks that are not numbered "
        + "from 0, so this is not a DMFN generator; give the generator.safetensors of a checkpoint, "
        + "or published generator weights")
  }
  let settings = GeneratorSettings(
    width: first.shape[0], blocks: blockNumbers.count,
    block: file["blocks.0.k2.weight"] == nil ? .released : .paper)
  let generator = Generator(settings, initializer: Initializer(seed: 0))
  try file.match(generator.parameters.map { (name: $0.name, shape: $0.shape.dimensions) })
  for parameter in generator.parameters {
    let values = try file.floats(parameter.name)
    guard values.allSatisfy(\.isFinite) else {
      throw RunError(
        .badData,
        "\(path): \(parameter.name) holds numbers that are not finite; give weights of an earlier "
          + "checkpoint")
    }
    parameter.setElements(values)
  }
  return generator
}

/// Reads a file of weights.
///
/// - Parameters:
///   - path: safetensors, or a PyTorch file.
///   - remedy: What to do where there is no such file.
/// - Returns: The tensors.
/// - Throws: `RunError` where it cannot be opened; else what is wrong with its format.
func readWeights(_ path: String, remedy: String) throws -> TensorFile {
  do {
    return try WeightFile.read(path)
  } catch let error as SystemCallError {
    throw RunError(.badData, "\(error); \(remedy)")
  }
}
