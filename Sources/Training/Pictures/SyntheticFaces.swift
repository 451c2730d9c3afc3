import Datasets

/// Runs `inpaint synthesize`.
///
/// - Throws: `SyntheticFaceError` naming the folder, what is wrong and what to do.
package func synthesizeFaces(_ directory: String, count: Int, side: Int?, seed: UInt64) throws {
  try writeSyntheticFaces(to: directory, count: count, side: side, seed: seed)
}
