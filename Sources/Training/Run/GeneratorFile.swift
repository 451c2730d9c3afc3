import Checkpoints
import Foundation
import Running

/// Runs `inpaint checkpoint slim`: writes a checkpoint's generator alone, checked against its checksum.
///
/// - Parameters:
///   - path: A checkpoint folder, or a run folder for its newest checkpoint.
///   - asTrained: Takes the weights as they were trained also where there is a running average.
///   - output: The file to write.
/// - Returns: A line for people.
/// - Throws: What is wrong with the checkpoint.
package func writeSlimGenerator(
  of path: String, asTrained: Bool, to output: String
) throws -> String {
  let file = try generator(of: path, asTrained: asTrained)
  try Safetensors.write(
    file.names.map { NamedTensor(name: $0, stored: try file.tensor($0)) }, metadata: file.metadata,
    to: output)
  return "\(output): the tensors of \(file.path)"
}

/// Runs `inpaint checkpoint average`: writes the mean of several checkpoints' generators.
///
/// - Parameters:
///   - paths: Checkpoint folders, or run folders for their newest checkpoints.
///   - asTrained: Takes the weights as they were trained also where there is a running average.
///   - output: The file to write.
/// - Returns: A line for people.
/// - Throws: `RunError` where they are not of the same network, or what is wrong with a checkpoint.
package func writeAveragedGenerator(
  of paths: [String], asTrained: Bool, to output: String
) throws -> String {
  let files = try paths.map { try generator(of: $0, asTrained: asTrained) }
  guard let first = files.first else { return "" }
  for file in files {
    guard file.metadata == first.metadata, Set(file.names) == Set(first.names),
      first.names.allSatisfy({ file[$0]?.shape == first[$0]?.shape })
    else {
      throw RunError(
        .badData,
        "\(file.path) and \(first.path) are not of the same network; average checkpoints of one "
          + "run")
    }
  }
  let tensors = try first.names.map { name in
    // In double precision, so that the mean of equal weights is these weights.
    var sums = [Double](repeating: 0, count: try first.tensor(name).floats().count)
    for file in files {
      for (index, value) in try file.tensor(name).floats().enumerated() {
        sums[index] += Double(value)
      }
    }
    return NamedTensor(
      name: name, shape: try first.tensor(name).shape,
      floats: sums.map { Float($0 / Double(files.count)) })
  }
  try Safetensors.write(tensors, metadata: first.metadata, to: output)
  return "\(output): the mean of \(files.map(\.path).joined(separator: ", "))"
}

private func generator(of path: String, asTrained: Bool) throws -> TensorFile {
  let checkpoint = try checkpointDirectory(path).load()
  if !asTrained, let average = checkpoint[ParameterAverage.fileName] { return average }
  return try checkpoint.generator
}
