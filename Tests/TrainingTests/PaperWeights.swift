import Checkpoints

/// Writes a file with the weights of a generator with the paper's blocks, from a fixture that holds
/// them among other things.
func writePaperWeights(
  from fixture: String, to path: String, metadata: [String: String] = [:]
) throws {
  let prefix = "param."
  let contents = try Safetensors.read(fixture)
  let tensors = try contents.names.filter { $0.hasPrefix(prefix) }.map {
    NamedTensor(name: String($0.dropFirst(prefix.count)), stored: try contents.tensor($0))
  }
  try Safetensors.write(tensors, metadata: metadata, to: path)
}
