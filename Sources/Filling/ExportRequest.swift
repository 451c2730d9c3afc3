import Foundation
import GeneratorFiles
import Models
import Running

/// What the user asks of `inpaint export onnx`.
package struct ExportRequest: Sendable {
  private let weights: String
  private let output: String
  private let convention: String?
  private let entry: String?

  /// Names the generator's weights, the file to write, whose weights they are where the file does not
  /// say, and which of several.
  package init(
    weights: String, output: String, convention: String? = nil, entry: String? = nil
  ) {
    (self.weights, self.output) = (weights, output)
    (self.convention, self.entry) = (convention, entry)
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
    let generator = try readNetworkFile(weights, convention: convention, entry: entry).network
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
