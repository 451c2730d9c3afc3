import Yams

/// What a YAML value is, in the words of the messages.
enum YAMLValueKind: Equatable {
  case mapping, list, text, wholeNumber, number, flag, nothing

  init(_ node: Node) {
    switch node {
    case .mapping: self = .mapping
    case .sequence: self = .list
    case .scalar(let scalar) where scalar.style != .plain && scalar.style != .any: self = .text
    case .scalar, .alias:
      self =
        switch Resolver.default.resolveTag(of: node) {
        case .int: .wholeNumber
        case .float: .number
        case .bool: .flag
        case .null: .nothing
        default: .text
        }
    }
  }

  /// Whether a value of this kind may stand where the default is of kind `expected`.
  func fits(_ expected: YAMLValueKind) -> Bool {
    self == expected || (self == .wholeNumber && expected == .number)
  }

  /// The kind with its article, as it follows "expected".
  var name: String {
    switch self {
    case .mapping: "a section of keys"
    case .list: "a list"
    case .text: "text"
    case .wholeNumber: "a whole number"
    case .number: "a number"
    case .flag: "true or false"
    case .nothing: "nothing"
    }
  }
}

extension Node {
  /// A mapping without one of its keys; anything else as it is.
  func withoutKey(_ key: String) -> Node {
    guard case .mapping(var mapping) = self else { return self }
    mapping[Node(key)] = nil
    return .mapping(mapping)
  }

  /// The value in one line: a scalar as it was written, a list in brackets.
  var oneLine: String {
    switch self {
    case .scalar(let scalar): scalar.string
    case .sequence(let list): "[" + list.map(\.oneLine).joined(separator: ", ") + "]"
    case .mapping(let mapping):
      "{" + mapping.map { "\($0.key.oneLine): \($0.value.oneLine)" }.joined(separator: ", ") + "}"
    case .alias: "an alias"
    }
  }

  /// The one value of a YAML text, `nil` where the text holds none.
  ///
  /// - Throws: `ConfigurationError` that names the line where the text stops being YAML.
  static func parsed(_ yaml: String, origin: String) throws(ConfigurationError) -> Node? {
    do {
      return try compose(yaml: yaml)
    } catch {
      throw ConfigurationError(problems: [problem(for: error, origin: origin)])
    }
  }

  private static func problem(for error: any Error, origin: String) -> ConfigurationProblem {
    func problem(
      _ kind: ConfigurationProblem.Kind, line: Int?, key: String = "", reason: String,
      remedy: String
    ) -> ConfigurationProblem {
      ConfigurationProblem(
        kind: kind, origin: line.map { "\(origin):\($0)" } ?? origin, key: key, value: "",
        reason: reason, remedy: remedy)
    }
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let duplicates, let context):
      return problem(
        .duplicateKey, line: context.mark.line, key: duplicates.joined(separator: ", "),
        reason: "is given twice in one section", remedy: "keep one")
    case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _),
      .composer(_, let text, let mark, _):
      return problem(
        .malformed, line: mark.line, reason: "not valid YAML at column \(mark.column): \(text)",
        remedy: "check indentation, colons and quotes there")
    default:
      return problem(
        .malformed, line: nil, reason: "not valid YAML: \(error)",
        remedy: "write it as UTF-8 text")
    }
  }
}
