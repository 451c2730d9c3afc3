extension ModelConfiguration.Kind {
  /// Another kind that has a key, such as `model.block`, where this one has it not; nil where this kind has
  /// it, or none in particular.
  func otherOwner(of key: String) -> Self? {
    func owns(_ kind: Self) -> Bool {
      kind.rules.ownKeys.contains { key == $0 || key.hasPrefix("\($0).") }
    }
    return owns(self) ? nil : Self.allCases.first(where: owns)
  }
}

extension RunConfiguration {
  /// The defaults of a kind of model: its published training.
  package init(kind: ModelConfiguration.Kind) {
    self.init()
    model.kind = kind
    kind.rules.setDefaults(&self)
  }

  /// The defaults of another kind with the values of all keys that this configuration has changed and
  /// that the other kind has.
  func converted(to kind: ModelConfiguration.Kind) -> ConfigurationTree {
    var tree = ConfigurationTree(RunConfiguration(kind: kind))
    let changes = differences(to: RunConfiguration(kind: model.kind))
    for change in changes where kind.otherOwner(of: change.key) == nil {
      tree.merge(assignment: "\(change.key)=\(change.value)")
    }
    return tree
  }
}
