import Foundation

extension RunConfiguration {
  /// The configuration of a file: the defaults of its `model.kind`, what the file changes, what
  /// `overrides` change.
  ///
  /// - Parameters:
  ///   - path: The YAML file.
  ///   - overrides: Assignments `key.path=value`; a later one wins.
  /// - Returns: The configuration, of which every value is of the right type.
  /// - Throws: `ConfigurationError` that names every unknown key and every value of a wrong type.
  ///   Call `validate(rankCount:)` for what is wrong with values of the right type.
  package static func load(
    path: String, overrides: [String] = []
  ) throws(ConfigurationError) -> RunConfiguration {
    let contents: Data
    do {
      contents = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError
      let reason = cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
      throw unreadable(path, reason: "cannot be read: \(reason)")
    }
    guard let yaml = String(data: contents, encoding: .utf8) else {
      throw unreadable(path, reason: "is not UTF-8 text")
    }
    return try parse(yaml: yaml, origin: path, overrides: overrides)
  }

  /// The configuration of a YAML text: the defaults of its `model.kind`, what the text and what
  /// `overrides` change.
  ///
  /// - Parameters:
  ///   - yaml: The text of a configuration file.
  ///   - origin: What messages call the text.
  ///   - overrides: Assignments `key.path=value`; a later one wins.
  /// - Returns: The configuration, of which every value is of the right type.
  /// - Throws: `ConfigurationError` that names every unknown key and every value of a wrong type.
  package static func parse(
    yaml: String, origin: String = "configuration", overrides: [String] = []
  ) throws(ConfigurationError) -> RunConfiguration {
    let kind = ConfigurationTree.kind(yaml: yaml, overrides: overrides)
    var tree = ConfigurationTree(RunConfiguration(kind: kind ?? .dmfn))
    tree.merge(yaml: yaml, origin: origin)
    for assignment in overrides { tree.merge(assignment: assignment) }
    return try tree.decoded()
  }

  /// This configuration with `overrides` applied.
  ///
  /// Where they change the kind of model, keys that have not been changed get the other kind's defaults.
  ///
  /// - Parameter overrides: Assignments `key.path=value`; a later one wins.
  /// - Returns: The changed configuration, of which every value is of the right type.
  /// - Throws: `ConfigurationError` that names every unknown key and every value of a wrong type.
  package func applying(overrides: [String]) throws(ConfigurationError) -> RunConfiguration {
    let kind = ConfigurationTree.kind(yaml: nil, overrides: overrides) ?? model.kind
    var tree = kind == model.kind ? ConfigurationTree(self) : converted(to: kind)
    for assignment in overrides { tree.merge(assignment: assignment) }
    return try tree.decoded()
  }

  private static func unreadable(_ path: String, reason: String) -> ConfigurationError {
    ConfigurationError(problems: [
      ConfigurationProblem(
        kind: .unreadable, origin: path, key: "", value: "", reason: reason,
        remedy: "name a YAML file, such as configs/quickstart.yaml")
    ])
  }
}
