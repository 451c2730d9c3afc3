package import Checkpoints
import Files
import Running

/// Reads a file of weights.
///
/// - Parameters:
///   - path: safetensors, or a PyTorch file.
///   - remedy: What to do where there is no such file.
///   - entry: The key of the dictionary to use in a file that holds several; nil finds it.
/// - Returns: The tensors.
/// - Throws: `RunError` where it cannot be opened; else what is wrong with its format.
package func readWeights(
  _ path: String, remedy: String, entry: String? = nil
) throws -> TensorFile {
  do {
    return try WeightFile.read(path, entry: entry)
  } catch let error as SystemCallError {
    throw RunError(.badData, "\(error); \(remedy)")
  }
}
