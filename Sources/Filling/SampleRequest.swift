import Foundation
import GeneratorFiles
package import Images
package import Models
import Running
import TensorCore

/// What the user asks of `inpaint sample`.
package struct SampleRequest: Sendable {
  /// The generator's weights.
  package var weights: String
  /// A picture for a sheet, or a folder for one file each.
  package var output: String
  /// Pictures to make; on a walk the vectors that it leads past.
  package var count = 64
  /// Chooses the vectors: vector k of a seed is the same whatever is made beside it.
  package var seed: UInt64 = 1
  /// Vectors are shortened towards the mean by this; 1 leaves them.
  package var truncation = 1.0
  /// Pictures from one vector of a walk to the next; 0 takes no walk.
  package var walkSteps = 0
  /// What files in a folder are written as.
  package var folderFormat = ImageFormat.png
  /// Replaces files that are there already.
  package var overwrites = false

  /// Makes a request.
  package init(weights: String, output: String) {
    (self.weights, self.output) = (weights, output)
  }

  /// Makes the pictures and writes them.
  ///
  /// - Returns: A line for people.
  /// - Throws: `RunError`, `ImageError` or what is wrong with the weights, naming the file.
  package func run() throws -> String {
    let isSheet = ImageFormat(extensionOf: output) != nil
    guard isSheet || (output as NSString).pathExtension.isEmpty else {
      throw RunError(
        .usage, "\(output): a sheet is written as .png, .jpg or .jpeg; else name a folder")
    }
    try refuseToReplace(outputs(isSheet: isSheet), unless: overwrites)
    let generator = try readLatentGenerator(weights)
    let pictures = generator.sampledPictures(
      count: count, seed: seed, truncation: truncation, walkSteps: walkSteps)
    if isSheet {
      try makeFolder((output as NSString).deletingLastPathComponent)
      let title =
        "seed \(seed)" + (truncation == 1 ? "" : ", truncation \(truncation)")
        + (walkSteps == 0 ? "" : ", a walk past \(count) vectors")
      try Image(sheetOf: pictures, title: title).write(to: output)
    } else {
      try makeFolder(output)
      for (picture, path) in zip(pictures, outputs(isSheet: false)) { try picture.write(to: path) }
    }
    return "\(output): \(pictures.count) pictures of \(generator.side)x\(generator.side)"
  }

  /// The files to write; picture k has the same name however many are made.
  private func outputs(isSheet: Bool) -> [String] {
    if isSheet { return [output] }
    return (0..<(walkSteps == 0 ? count : (count - 1) * walkSteps + 1)).map { index in
      let number = "\(index)"
      let zeros = String(repeating: "0", count: max(0, 5 - number.count))
      return "\(output)/\(zeros)\(number).\(folderFormat.rawValue)"
    }
  }

  private func makeFolder(_ path: String) throws {
    guard !path.isEmpty else { return }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .badData,
        "\(path): the folder cannot be made (\(systemReason(error))); "
          + "choose another place with --output")
    }
  }
}

extension LatentGenerator {
  /// The pictures of a seed's first vectors, or of a walk past them: see `SampleRequest`.
  package func sampledPictures(
    count: Int, seed: UInt64, truncation: Double, walkSteps: Int
  ) -> [Image] {
    let vectors = LatentPath(
      latentVectors(0..<count, count: latentCount, seed: seed, purpose: .sample),
      truncation: Float(truncation), steps: walkSteps)
    return inferredInPieces(vectors.latents).flatMap(\.pictures)
  }
}
