import Foundation
import Yams

extension RunConfiguration {
  /// Every key of the kind of model with its value, as the text of a configuration file.
  ///
  /// `parse(yaml:origin:overrides:)` of the text gives this configuration again, bit for bit.
  package func effectiveYAML() -> String {
    do {
      return try serialize(node: .tree(of: self), width: -1, allowUnicode: true)
    } catch {
      preconditionFailure("a configuration tree is always YAML: \(error)")
    }
  }
}

extension Node {
  /// The configuration as a tree of sections, in the order of the properties, without the keys of other
  /// kinds of models.
  static func tree(of configuration: RunConfiguration) -> Node {
    wholeTree(of: configuration).filtered([]) {
      configuration.model.kind.otherOwner(of: $0) == nil
    }
  }

  /// A tree with the defaults of all keys that it has not, so that it can be decoded.
  static func completeTree(_ tree: Node) -> Node {
    wholeTree(of: RunConfiguration()).overlaid(with: tree)
  }

  /// Every key of every kind of model.
  ///
  /// `YAMLEncoder` keeps the order and rounds numbers to 15 digits; `JSONEncoder` keeps every bit
  /// and no order. So the tree is the former's, with the numbers of the latter.
  private static func wholeTree(of configuration: RunConfiguration) -> Node {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: ".inf", negativeInfinity: "-.inf", nan: ".nan")
    do {
      let json = String(decoding: try encoder.encode(configuration), as: UTF8.self)
      guard let ordered = try compose(yaml: YAMLEncoder().encode(configuration)),
        let exact = try compose(yaml: json)
      else { preconditionFailure("a configuration always has sections") }
      return ordered.withNumbers(of: exact)
    } catch {
      preconditionFailure("a configuration can always be encoded: \(error)")
    }
  }

  /// The same tree with only those keys, by their paths, that are to be kept.
  private func filtered(_ path: [String], keeps: (String) -> Bool) -> Node {
    guard let mapping else { return self }
    return Node(
      mapping.compactMap { key, value in
        let keyPath = path + [key.oneLine]
        guard keeps(keyPath.joined(separator: ".")) else { return nil }
        return (key, value.filtered(keyPath, keeps: keeps))
      })
  }

  /// The same tree with the values of another one where that has the key.
  private func overlaid(with other: Node) -> Node {
    guard let mapping, let values = other.mapping else { return other }
    return Node(
      mapping.map { key, value in (key, values[key].map { value.overlaid(with: $0) } ?? value) })
  }

  /// The same tree with the numbers of `exact` as people write them, and each list in one line.
  private func withNumbers(of exact: Node) -> Node {
    switch self {
    case .mapping(let mapping):
      Node(mapping.map { ($0, $1.withNumbers(of: exact.mapping?[$0] ?? $1)) })
    case .sequence(let list):
      Node(
        zip(list, exact.sequence ?? list).map { $0.withNumbers(of: $1) }, .implicit, .flow)
    case .scalar where YAMLValueKind(self) == .number:
      Node(exact.oneLine.withDecimalPoint)
    case .scalar, .alias:
      self
    }
  }
}

extension String {
  /// A number of JSON as YAML 1.1 knows it: without a point, "1e-08" would be a text and "25" whole.
  fileprivate var withDecimalPoint: String {
    guard !contains(".") else { return self }
    let exponent = firstIndex(of: "e") ?? endIndex
    return self[..<exponent] + ".0" + self[exponent...]
  }
}
