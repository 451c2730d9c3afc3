import Checkpoints
import Files
import Foundation
package import TensorCore
package import Testing

/// Inputs, parameters and results of one subject, computed by PyTorch in double precision.
///
/// Keys begin with `in.`, `param.`, `out.`, `grad.` or, after so many steps, `after1.`; for each result the
/// file carries the relative error that PyTorch's own float32 run has.
package struct Fixture: Sendable {
  /// The file's name without extension.
  package let name: String
  /// Sizes, variant, replicas and scalars.
  package let settings: FixtureSettings
  private let file: TensorFile
  private let rounding: FixtureSettings
  private let cancelled: Set<String>

  /// The folder that fixtures are read from: `INPAINT_FIXTURES`, or the one beside the tests.
  package static var directory: String {
    chosenDirectory ?? ownDirectory("dmfn")
  }

  /// The folder of another model's fixtures: `INPAINT_FIXTURES` or its folder of the model's name,
  /// whichever holds a fixture, else the one beside the tests.
  ///
  /// - Parameters:
  ///   - model: The folder's name.
  ///   - name: A fixture's name without extension.
  /// - Returns: A path.
  package static func directory(of model: String, holding name: String) -> String {
    let chosen = chosenDirectory.map { [$0, "\($0)/\(model)"] } ?? []
    return chosen.first {
      FileManager.default.fileExists(atPath: "\($0)/\(name).safetensors")
    } ?? ownDirectory(model)
  }

  private static var chosenDirectory: String? {
    ProcessInfo.processInfo.environment["INPAINT_FIXTURES"]
  }

  private static func ownDirectory(_ model: String) -> String {
    let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
      url.deletingLastPathComponent()
    }
    return root.appendingPathComponent("Tests/Fixtures/\(model)").path
  }

  /// The names of the folder's fixtures that begin with a prefix, sorted.
  ///
  /// A folder that cannot be read has none: a test that needs one opens it by name and fails there.
  package static func names(prefix: String) -> [String] {
    let files = (try? Files.names(inFolder: directory)) ?? []
    return files.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".safetensors") }
      .map { String($0.dropLast(".safetensors".count)) }
  }

  /// Opens a fixture of a folder: of that of all fixtures, unless another is given.
  ///
  /// - Throws: `FixtureError`, or the error of the file's reader.
  package init(_ name: String, in directory: String = Fixture.directory) throws {
    self.name = name
    let path = "\(directory)/\(name).safetensors"
    let file = try Safetensors.read(path)
    func metadata(_ key: String) throws -> String {
      guard let text = file.metadata[key] else {
        throw FixtureError("\(path): no \"\(key)\" in its metadata")
      }
      return text
    }
    self.file = file
    settings = try FixtureSettings(json: metadata("settings"), place: name)
    rounding = try FixtureSettings(
      json: metadata("float32_error"), place: "\(name), float32_error")
    cancelled = try JSONDecoder().decode(
      Set<String>.self, from: Data(metadata("cancelled").utf8))
  }

  /// The names of all tensors that begin with a prefix, in the order of the file.
  package func names(prefix: String) -> [String] {
    file.names.filter { $0.hasPrefix(prefix) }
  }

  /// A tensor, float32 in the plain layout.
  ///
  /// - Throws: The reader's error, where there is no such tensor.
  package func tensor(_ name: String) throws -> Tensor {
    let stored = try file.tensor(name)
    return Tensor(stored.floats(), shape: Shape(stored.shape))
  }

  /// The tensors whose names begin with a prefix, by the rest of the name.
  ///
  /// `tensors(prefix: "param.generator.")` is the state dictionary of a generator.
  package func tensors(prefix: String) throws -> [String: Tensor] {
    try names(prefix: prefix).reduce(into: [:]) { result, name in
      result[String(name.dropFirst(prefix.count))] = try tensor(name)
    }
  }

  /// The relative error in norm that a correct float32 implementation may have.
  package func bound(_ name: String) -> Double {
    max(1e-4, 4 * ((try? rounding.number(name)) ?? 0))
  }

  /// Whether the true value is zero up to rounding, or a parameter that such a gradient has moved.
  package func isCancelled(_ name: String) -> Bool {
    let gradient = name.replacing(/^after[0-9]+\./, with: "grad.")
    return cancelled.contains(gradient)
  }

  /// Expects a result: in shape and, unless it is cancelled, in value.
  ///
  /// A cancelled gradient must be small beside the largest gradient of its network.
  package func expectMatches(
    _ actual: Tensor, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if let problem = problem(actual, name) {
      Issue.record(Comment(rawValue: "\(self.name), \(problem)"), sourceLocation: sourceLocation)
    }
  }

  /// What is wrong with a result, or nil.
  package func problem(_ actual: Tensor, _ name: String) -> String? {
    guard let expected = try? tensor(name) else { return "no tensor \"\(name)\" in the fixture" }
    guard isCancelled(name) else {
      return discrepancy(actual, expected, .normwise(bound(name))).map { "\(name): \($0)" }
    }
    guard actual.shape == expected.shape else {
      return "\(name): shape \(actual.shape), expected \(expected.shape)"
    }
    guard name.hasPrefix("grad.") else { return nil }
    let network = name.split(separator: ".").prefix(2).joined(separator: ".") + "."
    let siblings = ["grad.generator.", "grad.discriminator."].contains(network) ? network : "grad."
    let largest = names(prefix: siblings).compactMap { try? tensor($0).largestMagnitude }.max() ?? 0
    guard actual.largestMagnitude <= 1e-3 * largest else {
      return "\(name): \(actual.largestMagnitude), expected zero beside \(largest)"
    }
    return nil
  }
}

extension Tensor {
  /// The largest magnitude; infinite where an element is not a number.
  fileprivate var largestMagnitude: Double {
    reference.elements.reduce(0) { $1.isNaN ? .infinity : max($0, abs($1)) }
  }
}
