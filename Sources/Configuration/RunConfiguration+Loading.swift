extension RunConfiguration {
  /// The configuration of a file: the defaults of its `model.kind`, what the file and those that it
  /// extends change, what `overrides` change.
  ///
  /// - Parameters:
  ///   - path: The YAML file, or the name of a preset.
  ///   - overrides: Assignments `key.path=value`; a later one wins.
  /// - Returns: The configuration, of which every value is of the right type.
  /// - Throws: `ConfigurationError` that names every unknown key and every value of a wrong type.
  ///   Call `validate(rankCount:)` for what is wrong with values of the right type.
  package static func load(
    path: String, overrides: [String] = []
  ) throws(ConfigurationError) -> RunConfiguration {
    try parse(ConfigurationLayers(path).layers, overrides: overrides)
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
    try parse([(yaml, origin)], overrides: overrides)
  }

  private static func parse(
    _ layers: [ConfigurationLayers.Layer], overrides: [String]
  ) throws(ConfigurationError) -> RunConfiguration {
    let kind =
      ConfigurationTree.kind(yaml: nil, overrides: overrides)
      ?? layers.reversed().lazy.compactMap { ConfigurationTree.kind(yaml: $0.yaml, overrides: []) }
      .first
    var tree = ConfigurationTree(RunConfiguration(kind: kind ?? .dmfn))
    for layer in layers { tree.merge(yaml: layer.yaml, origin: layer.origin) }
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
}
