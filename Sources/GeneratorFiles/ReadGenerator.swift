package import Checkpoints
package import Models
import Running

/// Reads a generator, whose kind and size are told by the names and shapes of its tensors.
///
/// - Parameters:
///   - path: safetensors, or a PyTorch file.
///   - convention: Whose weights they are, for kinds with several conventions; nil for what the file
///     says.
/// - Returns: The generator with the file's weights.
/// - Throws: What is wrong with the file: its format, or every missing, unexpected and misshapen tensor.
package func readGenerator(
  _ path: String, convention: String? = nil
) throws -> any InpaintingGenerator {
  try readGeneratorFile(path, convention: convention).generator
}

/// Reads a generator and tells its kind: see `readGenerator`.
package func readGeneratorFile(
  _ path: String, convention: String?
) throws -> (kind: String, generator: any InpaintingGenerator) {
  let file = try readWeights(path, remedy: "give generator weights with --weights")
  guard let kind = GeneratorKind.all.first(where: { $0.recognises(file) }) else {
    let signs = GeneratorKind.all.map { "\($0.sign) (\($0.name))" }.joined(separator: " nor ")
    throw RunError(
      .badData,
      "\(path): has neither \(signs), so this is no generator that is known; give the "
        + "generator.safetensors of a checkpoint, or published generator weights")
  }
  if let convention, !kind.conventions.contains(convention) {
    throw RunError(
      .usage,
      "--compat \(convention): "
        + (kind.conventions.isEmpty
          ? "weights of a \(kind.name) generator have one meaning only; leave the option out"
          : "a \(kind.name) generator knows \(kind.conventions.joined(separator: " and "))"))
  }
  return (kind.name, try kind.read(file, convention))
}

/// The tensors of a generator's file under the names of its parameters; those of a file of no known
/// kind as they are.
///
/// - Throws: What is wrong with the file's tensors.
package func publishedTensors(_ file: TensorFile) throws -> TensorFile {
  try GeneratorKind.all.first { $0.recognises(file) }?.published(file) ?? file
}
