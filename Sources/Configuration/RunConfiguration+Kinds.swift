extension ModelConfiguration.Kind {
  /// The keys, and sections of keys, that only this kind of model has.
  private var ownKeys: Set<String> {
    switch self {
    case .dmfn:
      [
        "model.block", "model.blocks", "model.attention", "loss.pixel", "loss.feature",
        "loss.alignment", "loss.discriminator_feature", "loss.alignment_axes", "perceptual",
      ]
    case .deepfill:
      [
        "model.compat", "loss.discounted_l1", "loss.discount", "loss.autoencoder", "loss.coarse",
        "loss.global_critic", "loss.penalty", "training.critic_updates", "training.pretrain_coarse",
      ]
    }
  }

  /// The other kind that alone has a key, such as `model.block`; nil where this kind has it, or none.
  func otherOwner(of key: String) -> Self? {
    Self.allCases.first { kind in
      kind != self && kind.ownKeys.contains { key == $0 || key.hasPrefix("\($0).") }
    }
  }
}

extension RunConfiguration {
  /// The defaults of a kind of model: its published training.
  package init(kind: ModelConfiguration.Kind) {
    self.init()
    switch kind {
    case .dmfn: break
    case .deepfill:
      experiment = kind.rawValue
      model.kind = kind
      model.width = 32
      loss.adversarial = 0.001
      optimizer.learningRate = 1e-4
      optimizer.beta2 = 0.9
      optimizer.milestones = []
    }
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
