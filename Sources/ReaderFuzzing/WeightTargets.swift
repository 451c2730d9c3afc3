import Checkpoints
import Foundation
import Images

/// The readers of weights: safetensors and both of PyTorch's formats.
///
/// - Parameter fixtures: The folder `Tests/Fixtures`.
/// - Returns: One target for each format.
/// - Throws: What is wrong with the fixtures.
func weightTargets(fixtures: String) throws -> [FuzzTarget] {
  try [
    ("safetensors", ["views.safetensors", "generator.safetensors"]),
    ("PyTorch zip", ["views.zip.pth", "generator.zip.pth", "generator.nested-half.pth"]),
    ("PyTorch legacy", ["generator.legacy.pth"]),
  ].map { name, files in
    FuzzTarget(
      name, seeds: try files.map { try imageFileContents("\(fixtures)/weights/\($0)") },
      tokens: [
        "data_offsets", "\"F32\"", "\"shape\":[", "18446744073709551615", "-1", "{", "}",
        "PK\u{3}\u{4}",
        "PK\u{1}\u{2}", "PK\u{5}\u{6}", "ctorch\nFloatStorage\n", "Q", "R", "\u{1}", "(", "t", "u",
        ".",
      ]
    ) { bytes in
      do throws(TensorFileError) {
        let file = try WeightFile.parse(FileBytes(bytes), path: name)
        for tensor in file.names.compactMap({ file[$0] }) {
          let count = tensor.shape.reduce(1, *)
          if count < 1 << 20 {
            precondition(tensor.floats().count == count, "a tensor without all its values")
          }
        }
        return true
      } catch {
        return false
      }
    }
  }
}
