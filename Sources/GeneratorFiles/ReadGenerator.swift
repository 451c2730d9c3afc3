package import Checkpoints
package import Layers
package import Models
import Running

/// Reads a generator that fills holes, whose kind and size are told by the names and shapes of its tensors.
///
/// - Parameters:
///   - path: safetensors, or a PyTorch file.
///   - convention: Whose weights they are, for kinds with several conventions; nil for what the file
///     says.
///   - entry: The key of the generator in a file that holds several dictionaries; nil finds it.
/// - Returns: The generator with the file's weights.
/// - Throws: What is wrong with the file: its format, or every missing, unexpected and misshapen tensor;
///   `RunError` where it holds a generator that fills no holes.
package func readGenerator(
  _ path: String, convention: String? = nil, entry: String? = nil
) throws -> any InpaintingGenerator {
  try readGeneratorFile(path, convention: convention, entry: entry).generator
}

/// Reads a generator that fills holes and tells its kind: see `readGenerator`.
package func readGeneratorFile(
  _ path: String, convention: String?, entry: String? = nil
) throws -> (kind: String, generator: any InpaintingGenerator) {
  let (kind, network) = try readNetworkFile(path, convention: convention, entry: entry)
  guard let generator = network as? any InpaintingGenerator else {
    throw RunError(
      .usage,
      "\(path): a \(kind) generator makes pictures from random vectors and fills no holes; "
        + "give weights of one that does, or make pictures with inpaint sample")
  }
  return (kind, generator)
}

/// Reads a generator that makes pictures from latent vectors.
///
/// - Throws: What is wrong with the file; `RunError` where it holds a generator that fills holes.
package func readLatentGenerator(_ path: String) throws -> any LatentGenerator {
  let (kind, network) = try readNetworkFile(path)
  guard let generator = network as? any LatentGenerator else {
    throw RunError(
      .usage,
      "\(path): a \(kind) generator fills holes and makes no pictures from random vectors; "
        + "give weights of one that does, or fill a photograph with inpaint fill")
  }
  return generator
}

/// Reads a generator of any kind and tells which: see `readGenerator`.
package func readNetworkFile(
  _ path: String, convention: String? = nil, entry: String? = nil
) throws -> (kind: String, network: any Module & ExportableNetwork) {
  let (kind, file) = try knownGenerator(inFile: path, entry: entry)
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

/// The kind of the generator that a file holds, and its tensors.
///
/// - Throws: What is wrong with the file's format; `RunError` where it cannot be opened, or holds several
///   generators or none that is known.
func knownGenerator(
  inFile path: String, entry: String? = nil
) throws -> (kind: GeneratorKind, tensors: TensorFile) {
  let file = try readWeights(
    path, remedy: "give generator weights with --weights", entry: entry)
  guard let found = try generatorInside(file) else {
    let signs = GeneratorKind.all.map { "\($0.sign) (\($0.name))" }.joined(separator: " nor ")
    throw RunError(
      .badData,
      "\(path): has neither \(signs), so this is no generator that is known; give the "
        + "generator.safetensors of a checkpoint, or published generator weights")
  }
  return found
}

/// The generator that a file holds: all of its tensors, or those whose names begin with words of their
/// own, such as `netG.` or `model.generator.`, beside other networks.
///
/// - Throws: `RunError` where there are several.
private func generatorInside(_ file: TensorFile) throws -> (GeneratorKind, TensorFile)? {
  if let kind = GeneratorKind.all.first(where: { $0.recognises(file) }) { return (kind, file) }
  var prefixes: [String] = []
  for name in file.names {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    for count in 1...3 where words.count > count {
      let prefix = words[..<count].joined(separator: ".") + "."
      if !prefixes.contains(prefix) { prefixes.append(prefix) }
    }
    // More networks than this are no file of weights.
    if prefixes.count > 1000 { return nil }
  }
  var found: [(prefix: String, kind: GeneratorKind, file: TensorFile)] = []
  for prefix in prefixes {
    let tensors = try file.names.filter { $0.hasPrefix(prefix) }.map {
      (name: String($0.dropFirst(prefix.count)), tensor: try file.tensor($0))
    }
    let part = try TensorFile(path: file.path, tensors: tensors, metadata: file.metadata)
    if let kind = GeneratorKind.all.first(where: { $0.recognises(part) }) {
      found.append((prefix, kind, part))
    }
  }
  guard found.count <= 1 else {
    let names = found.map { "\"\($0.prefix.dropLast())\"" }.joined(separator: ", ")
    throw RunError(
      .badData,
      "\(file.path): several generators are in this file: \(names); name the one to use with --entry"
    )
  }
  return found.first.map { ($0.kind, $0.file) }
}

/// The tensors of a generator's file under the names of its parameters; those of a file of no known
/// kind as they are.
///
/// - Throws: What is wrong with the file's tensors.
package func publishedTensors(_ file: TensorFile) throws -> TensorFile {
  try GeneratorKind.all.first { $0.recognises(file) }?.published(file) ?? file
}
