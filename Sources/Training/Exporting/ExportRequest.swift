import Foundation
import Models

/// What the user asks of `inpaint export onnx`.
package struct ExportRequest: Sendable {
  private let weights: String
  private let output: String

  /// Names the generator's weights and the file to write.
  package init(weights: String, output: String) {
    (self.weights, self.output) = (weights, output)
  }

  /// Writes the generator with its composite as an ONNX file.
  ///
  /// - Returns: A line for people.
  /// - Throws: `RunError`, or what is wrong with the weights file.
  package func run() throws -> String {
    guard resolved(output) != resolved(weights) else {
      throw RunError(
        .usage, "\(output): would be written over; choose another place with --output")
    }
    let generator: any ExportableGenerator = try readGenerator(weights)
    let model = Data(generator.onnxModel(producerVersion: codeVersion))
    do {
      try model.write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw RunError(
        .badData,
        "\(output): cannot be written (\(systemReason(error))); choose another place with --output")
    }
    let facts = generator.exportedFacts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return "\(output): \(generator.kindName) generator (\(facts)), \(model.count) bytes"
  }

  private func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
