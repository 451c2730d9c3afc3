import Checkpoints
import Foundation
import Running

/// Checks a checkpoint.
///
/// - Parameter path: A checkpoint folder, or a run folder for its newest checkpoint.
/// - Returns: A line for people.
/// - Throws: `RunError` listing every problem.
package func verifyCheckpoint(_ path: String) throws -> String {
  let directory = try checkpointDirectory(path)
  let problems = try directory.verify()
  guard problems.isEmpty else {
    throw RunError(
      .badData,
      "\(directory.path) is damaged:\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
  }
  return "\(directory.path): all files are as they were written"
}

/// One hash over names, shapes and bits of all parameters and moments.
///
/// - Throws: What is wrong with the checkpoint.
package func hashCheckpoint(_ path: String) throws -> String {
  "\(try checkpointDirectory(path).tensorHash())"
}

/// Counters and tensors of a checkpoint.
///
/// - Throws: What is wrong with the checkpoint.
package func inspectCheckpoint(_ path: String, asJSON: Bool) throws -> String {
  let checkpoint = try checkpointDirectory(path).load()
  let state = checkpoint.state
  if asJSON {
    var record = JSONRecord()
    record.add("step", state.step)
    record.add("epoch", state.epoch)
    record.add("images", state.images)
    record.add("seed", "\(state.seed)")
    record.add("replicas", state.replicas)
    record.add("code_version", state.codeVersion)
    record.add("tensors", checkpoint.files.reduce(0) { $0 + $1.tensors.names.count })
    record.add("hash", "\(checkpoint.tensorHash())")
    return record.text
  }
  var lines = [
    "step \(state.step), epoch \(state.epoch), \(state.images) images, seed \(state.seed), "
      + "\(state.replicas) replicas, code \(state.codeVersion)"
  ]
  for (name, tensors) in checkpoint.files {
    lines.append("\(name).safetensors: \(tensors.names.count) tensors")
    for tensor in tensors.names {
      lines.append("  \(tensor) \(tensors[tensor]?.shape ?? [])")
    }
  }
  return lines.joined(separator: "\n")
}

/// The checkpoint that a path names: its folder, or the newest one of a run folder.
///
/// - Throws: `RunError` where there is none.
func checkpointDirectory(_ path: String) throws -> CheckpointDirectory {
  if FileManager.default.fileExists(atPath: "\(path)/state.json") {
    return CheckpointDirectory(path)
  }
  for root in ["\(path)/checkpoints", path] {
    if let newest = try? CheckpointDirectory.all(in: root).first { return newest }
  }
  throw RunError(.badData, "\(path): no checkpoint here; give a folder with a state.json")
}
