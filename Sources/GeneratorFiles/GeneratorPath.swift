import Checkpoints
import Files
import Running

/// The file of a generator that the user named: the file itself, or that of a checkpoint folder, or of a run
/// folder's newest checkpoint.
///
/// Looked for once for a command, because a run that goes on has another one soon. In a checkpoint that is the running average where there is one, which a run's scores are of.
///
/// - Throws: `RunError` where there is no such file.
package func generatorPath(_ path: String) throws -> String {
  switch FileKind(of: path) {
  case nil: throw RunError(.badData, "\(path): not there; give generator weights with --weights")
  case .folder: break
  default: return path
  }
  let checkpoints = (try? CheckpointDirectory.all(in: "\(path)/checkpoints")) ?? []
  let folder = checkpoints.first?.path ?? path
  guard
    let file = ["generator-ema", "generator"].map({ "\(folder)/\($0).safetensors" })
      .first(where: { FileKind(of: $0) == .file })
  else {
    throw RunError(
      .badData,
      "\(path): holds no generator.safetensors; give a file, a checkpoint or a run folder with "
        + "--weights")
  }
  return file
}
