extension ModelConfiguration.Kind {
  /// The other kind that alone has a key, such as `model.block`; nil where this kind has it, or none.
  func otherOwner(of key: String) -> Self? {
    if let weight = LossConfiguration.weights.first(where: { "loss.\($0.key)" == key }) {
      return weight.kinds.contains(self) ? nil : weight.kinds.first
    }
    return Self.allCases.first { kind in
      kind != self && kind.rules.ownKeys.contains { key == $0 || key.hasPrefix("\($0).") }
    }
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
