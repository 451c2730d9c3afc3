import Spelling
import Yams

/// The defaults as a YAML tree, into which what a user wrote is merged before it is decoded.
///
/// The tree of the defaults says which keys there are and of what type each value is, so no key is
/// described twice. It has no keys of other kinds of models. What does not fit is collected as
/// problems, and the default stays.
struct ConfigurationTree {
  private var root: Node
  private let defaults: Node
  private let kind: ModelConfiguration.Kind

  /// Where each value that is not a default was written, by the path of its key.
  private var origins: [String: String] = [:]

  /// What did not fit so far, in the order of merging.
  private var problems: [ConfigurationProblem] = []

  /// The tree of `defaults`.
  init(_ defaults: RunConfiguration) {
    root = Node.tree(of: defaults)
    self.defaults = root
    kind = defaults.model.kind
  }

  /// The kind of model that a text and assignments ask for; nil where they name none that there is.
  static func kind(yaml: String?, overrides: [String]) -> ModelConfiguration.Kind? {
    let prefix = "model.kind="
    let assigned = overrides.last { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count))
    }
    let written = yaml.flatMap { try? Node.parsed($0, origin: "") }?["model"]?["kind"]?.string
    return (assigned ?? written).flatMap(ModelConfiguration.Kind.init)
  }

  /// Merges the text of a configuration file.
  mutating func merge(yaml: String, origin: String) {
    do throws(ConfigurationError) {
      if let user = try Node.parsed(yaml, origin: origin), YAMLValueKind(user) != .nothing {
        merge(user.withoutKey(ConfigurationLayers.key), from: Source(name: origin, hasLines: true))
      } else {
        note(
          .malformed, origin: origin, key: "", value: "", reason: "holds no keys",
          remedy: "state at least one, such as data.root")
      }
    } catch {
      problems += error.problems
    }
  }

  /// Merges one assignment `key.path=value`; the value is YAML, or any text where the key is a text.
  mutating func merge(assignment: String) {
    let origin = "--set \(assignment)"
    guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
      note(
        .malformed, origin: origin, key: "", value: "", reason: "is not an assignment",
        remedy: "write --set key.path=value, such as --set training.batch=16")
      return
    }
    let path = assignment[..<equals].split(separator: ".", omittingEmptySubsequences: false)
      .map(String.init)
    let text = String(assignment[assignment.index(after: equals)...])
    do throws(ConfigurationError) {
      let isText = node(at: path, in: defaults).map { YAMLValueKind($0) == .text } ?? false
      let value =
        isText ? Node(text, .implicit, .doubleQuoted) : try Node.parsed(text, origin: origin)
      let assigned = path.reversed().reduce(value ?? Node("", .implicit, .plain)) {
        Node([(Node($1), $0)])
      }
      merge(assigned, from: Source(name: origin, hasLines: false))
    } catch {
      problems += error.problems
    }
  }

  /// The configuration that the tree describes.
  ///
  /// - Throws: `ConfigurationError` with everything that did not fit in any of the merges.
  func decoded() throws(ConfigurationError) -> RunConfiguration {
    var tree = self
    while true {
      do {
        let configuration = try YAMLDecoder().decode(
          RunConfiguration.self, from: .completeTree(tree.root))
        guard tree.problems.isEmpty else { throw ConfigurationError(problems: tree.problems) }
        return configuration
      } catch let error as DecodingError {
        tree.noteAndReset(error)
      } catch let error as ConfigurationError {
        throw error
      } catch {
        preconditionFailure("decoding a configuration threw \(error)")
      }
    }
  }
}

// MARK: - Merging

extension ConfigurationTree {
  private struct Source {
    var name: String
    var hasLines: Bool

    func place(of node: Node) -> String {
      guard hasLines, let line = node.mark?.line else { return name }
      return "\(name):\(line)"
    }
  }

  private mutating func merge(_ user: Node, from source: Source) {
    root = merged(user, into: root, path: [], from: source)
  }

  private mutating func merged(
    _ user: Node, into base: Node, path: [String], from source: Source
  ) -> Node {
    let expected = YAMLValueKind(base)
    let found = YAMLValueKind(user)
    if expected == .mapping, found == .nothing, !path.isEmpty { return base }
    guard found.fits(expected) else {
      let key = path.joined(separator: ".")
      let isBareScalar = expected == .text && [.wholeNumber, .number, .flag].contains(found)
      note(
        .wrongType, origin: source.place(of: user), key: key,
        value: found == .mapping ? "" : user.oneLine,
        reason: "expected \(expected.name), found \(found.name)",
        remedy: isBareScalar ? "put it in quotes" : "")
      return base
    }
    guard case .mapping(let userMapping) = user, case .mapping(var mapping) = base else {
      origins[path.joined(separator: ".")] = source.place(of: user)
      // A whole number in the place of a number stays one: a later layer may give a fraction.
      if expected == .number, case .scalar(var scalar) = user {
        scalar.tag = Tag(.float)
        return .scalar(scalar)
      }
      return user
    }
    for (keyNode, value) in userMapping {
      let name = keyNode.oneLine
      let keyPath = path + [name]
      if let child = mapping[name] {
        mapping[name] = merged(value, into: child, path: keyPath, from: source)
      } else {
        noteUnknownKey(keyPath, siblings: mapping, origin: source.place(of: keyNode))
      }
    }
    return .mapping(mapping)
  }

  private mutating func noteUnknownKey(
    _ path: [String], siblings: Node.Mapping, origin: String
  ) {
    let parents = path.dropLast()
    let name = path.last ?? ""
    let key = path.joined(separator: ".")
    if let owner = kind.otherOwner(of: key) {
      note(
        .unknownKey, origin: origin, key: key, value: "",
        reason: "belongs to model.kind \(owner.rawValue), and this is \(kind.rawValue)",
        remedy: "leave it out, or set model.kind to \(owner.rawValue)")
      return
    }
    let here = siblings.keys.map { (parents + [$0.oneLine]).joined(separator: ".") }
    let nearest = (here + allKeys(of: defaults)).min { first, second in
      strangeness(first) < strangeness(second)
    }
    func strangeness(_ key: String) -> Int {
      let last = key.split(separator: ".").last.map(String.init) ?? ""
      return 2 * typingErrors(name, last) + (here.contains(key) ? 0 : 1)
    }
    note(
      .unknownKey, origin: origin, key: key, value: "",
      reason: "there is no such key",
      remedy: "the nearest is \(nearest ?? ""); "
        + (parents.isEmpty ? "the sections are " : "\(parents.joined(separator: ".")) has ")
        + siblings.keys.map(\.oneLine).joined(separator: ", "))
  }

  private mutating func note(
    _ kind: ConfigurationProblem.Kind, origin: String, key: String, value: String,
    reason: String, remedy: String
  ) {
    problems.append(
      ConfigurationProblem(
        kind: kind, origin: origin, key: key, value: value, reason: reason, remedy: remedy))
  }
}

// MARK: - Decoding

extension ConfigurationTree {
  /// Notes the value that failed to decode and puts its default back, so that the next is found.
  private mutating func noteAndReset(_ error: DecodingError) {
    let (context, isChoice) =
      switch error {
      case .dataCorrupted(let context): (context, true)
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context):
        (context, false)
      @unknown default: preconditionFailure("decoding a configuration threw \(error)")
      }
    let path = context.codingPath.prefix { $0.intValue == nil }.map(\.stringValue)
    guard let value = node(at: path, in: root), let usual = node(at: path, in: defaults),
      value != usual
    else { preconditionFailure("the defaults do not decode: \(error)") }
    let key = path.joined(separator: ".")
    let kind = YAMLValueKind(usual)
    note(
      .wrongType, origin: origins[key] ?? "", key: key, value: value.oneLine,
      reason: isChoice
        ? context.debugDescription
        : "cannot be read as \(kind.name)" + (kind == .list ? " like \(usual.oneLine)" : ""),
      remedy: kind == .wholeNumber ? "write digits only, within 64 bits" : "")
    root = replacing(path[...], in: root, with: usual)
  }

  private func replacing(_ path: ArraySlice<String>, in tree: Node, with value: Node) -> Node {
    guard let name = path.first, case .mapping(var mapping) = tree, let child = mapping[name]
    else { return value }
    mapping[name] = replacing(path.dropFirst(), in: child, with: value)
    return .mapping(mapping)
  }

  private func node(at path: [String], in tree: Node) -> Node? {
    path.reduce(tree) { $0?.mapping?[Node($1)] }
  }

  private func allKeys(of tree: Node, below path: [String] = []) -> [String] {
    guard let mapping = tree.mapping else { return [] }
    return mapping.flatMap { key, value in
      let keyPath = path + [key.oneLine]
      return [keyPath.joined(separator: ".")] + allKeys(of: value, below: keyPath)
    }
  }
}
