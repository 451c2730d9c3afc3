/// What the configuration of one kind of model has that others have not.
protocol ModelKindRules: Sendable {
  /// The keys, and sections of keys, that this kind has and not all others.
  var ownKeys: Set<String> { get }

  /// Whether it fills holes, so that training cuts some.
  var fillsHoles: Bool { get }

  /// The scores on held-out pictures by which its best checkpoints may be chosen.
  var scores: [CheckpointConfiguration.Metric] { get }

  /// What the side of training pictures is a multiple of, and why.
  var sideMultiple: (multiple: Int, reason: String) { get }

  /// Changes the common defaults to the published training of this kind.
  func setDefaults(_ configuration: inout RunConfiguration)

  /// Checks the section `model`, whose width is a usable number.
  func checkModel(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck)

  /// Checks the sections `loss` and `perceptual`, but that no weight is negative.
  func checkLosses(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck)

  /// Checks the keys of the section `training` that depend on no others.
  func checkTraining(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck)

  /// Checks that a replica has enough pictures, where they are shared out evenly.
  func checkReplicas(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck)
}

extension ModelKindRules {
  var fillsHoles: Bool { true }
  var scores: [CheckpointConfiguration.Metric] { CheckpointConfiguration.Metric.ofFillings }
}

extension ModelConfiguration.Kind {
  /// What this kind has that others have not.
  var rules: any ModelKindRules {
    switch self {
    case .dmfn: DMFNRules()
    case .deepfill: DeepFillRules()
    case .dcgan: DCGANRules()
    }
  }

  /// Whether models of this kind fill holes.
  package var fillsHoles: Bool { rules.fillsHoles }
}
