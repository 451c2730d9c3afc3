import Foundation
import GeneratorFiles
package import Models
import Running

/// What the user asks of `inpaint export onnx`.
package struct ExportRequest: Sendable {
  private let weights: String
  private let output: String
  private let convention: String?
  private let entry: String?
  private let composite: CompositeKind
  private let overwrites: Bool

  /// Describes a file to write.
  ///
  /// - Parameters:
  ///   - weights: The generator's weights.
  ///   - output: The file.
  ///   - convention: Whose weights they are where the file does not say.
  ///   - entry: Which generator of a file that holds several.
  ///   - composite: How the generator's picture and the known pixels become one picture.
  ///   - overwrites: Replaces a file that is there already.
  package init(
    weights: String, output: String, convention: String? = nil, entry: String? = nil,
    composite: CompositeKind = .membrane, overwrites: Bool = false
  ) {
    (self.weights, self.output) = (weights, output)
    (self.convention, self.entry, self.composite) = (convention, entry, composite)
    self.overwrites = overwrites
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
    try refuseToReplace([output], unless: overwrites)
    var generator = try readNetworkFile(weights, convention: convention, entry: entry).network
    if var filling = generator as? any InpaintingGenerator & ExportableGenerator {
      filling.compositeKind = composite
      generator = filling
    }
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
