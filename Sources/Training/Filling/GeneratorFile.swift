import Checkpoints
import Layers
package import Models
import TensorCore

/// A kind of generator as files of weights hold it: how it is recognised and read.
struct GeneratorKind: Sendable {
  /// Its name on the command line, such as `dmfn`.
  let name: String
  /// What tells it in a file, for messages.
  let sign: String
  /// The conventions that its weights may fit; none where there is one meaning only.
  var conventions: [String] = []
  /// Whether a file holds such a generator, as far as names and shapes of a few tensors tell.
  let recognises: @Sendable (TensorFile) -> Bool
  /// A file's tensors under the names of the network's parameters, where it has others.
  var published: @Sendable (TensorFile) throws -> TensorFile = { $0 }
  /// Reads the generator, by a convention or by what the file says.
  let read:
    @Sendable (_ file: TensorFile, _ convention: String?) throws ->
      any InpaintingGenerator

  /// All kinds.
  static let all = [dmfn, deepFill]
}

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
func readGeneratorFile(
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
func publishedTensors(_ file: TensorFile) throws -> TensorFile {
  try GeneratorKind.all.first { $0.recognises(file) }?.published(file) ?? file
}

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
  ///   numbers are not finite.
  func readParameters(from file: TensorFile) throws {
    try file.match(parameters.map { (name: $0.name, shape: $0.shape.dimensions) })
    for parameter in parameters {
      let values = try file.floats(parameter.name)
      guard values.allSatisfy(\.isFinite) else {
        throw RunError(
          .badData,
          "\(file.path): \(parameter.name) holds numbers that are not finite; give weights of an "
            + "earlier checkpoint")
      }
      parameter.setElements(values)
    }
  }
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
