import Models

/// The keys of DMFN.
struct DMFNRules: ModelKindRules {
  let ownKeys: Set = [
    "model.block", "model.blocks", "model.attention", "model.noise", "model.upsampling",
    "model.composite", "model.discriminator", "model.discriminator_norm", "loss.pixel",
    "loss.feature",
    "loss.alignment", "loss.discriminator_feature", "loss.diversity", "loss.diversity_steps",
    "loss.diversity_limit", "loss.alignment_axes", "adversarial", "perceptual", "masks",
  ]

  var sideMultiple: (multiple: Int, reason: String) {
    (64, "the generator halves a picture twice, the discriminator six times")
  }

  func setDefaults(_ configuration: inout RunConfiguration) {}

  func checkModel(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    check.within(1...1024, configuration.model.blocks, "model.blocks")
    check.within(0...65_536, configuration.model.noise, "model.noise")
  }

  func checkLosses(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    let (loss, perceptual) = (configuration.loss, configuration.perceptual)
    let usesFeatures = perceptual.weightSource != .none
    check.demand(
      loss.pixel > 0 || loss.adversarial > 0 || loss.discriminatorFeature > 0
        || (usesFeatures && (loss.feature > 0 || loss.alignment > 0)),
      "loss", "all 0", "leaves the generator nothing to learn from", "set loss.pixel to 1")
    check.within(1...RunConfiguration.stepLimit, loss.diversitySteps, "loss.diversity_steps")
    check.notNegative(loss.diversityLimit, "loss.diversity_limit")
    checkLayers(perceptual, &check)
  }

  private func checkLayers(
    _ perceptual: PerceptualConfiguration, _ check: inout ConfigurationCheck
  ) {
    func names(_ layers: [PerceptualConfiguration.Layer]) -> String {
      "[" + layers.map(\.rawValue).joined(separator: ", ") + "]"
    }
    let layers = perceptual.featureLayers
    for (key, list) in [
      ("perceptual.feature_layers", layers), ("perceptual.guided_layers", perceptual.guidedLayers),
    ] {
      check.demand(
        Set(list).count == list.count, key, names(list), "names a layer twice", "name each once")
    }
    let unmatched = perceptual.guidedLayers.filter { !layers.contains($0) }
    check.demand(
      unmatched.isEmpty, "perceptual.guided_layers", names(perceptual.guidedLayers),
      "names \(names(unmatched)), which perceptual.feature_layers does not",
      "add it there, or drop it here")
  }

  func checkTraining(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {}

  /// Batch normalisation needs two values a channel, also where the discriminator's last maps have
  /// one pixel: `(side / 64)^2` values come from each picture.
  func checkReplicas(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    let (training, model) = (configuration.training, configuration.model)
    guard configuration.data.side == 64, model.discriminator == .dmfn,
      model.discriminatorNorm == .batch
    else { return }
    switch training.batchStatistics {
    case .replica:
      check.demand(
        training.batch / training.replicas >= 2, "training.batch", training.batch,
        "leaves 1 picture a replica, and batch normalisation at data.side 64 needs 2",
        "use \(2 * training.replicas) or more, or set training.batch_statistics to global")
    case .global:
      check.demand(
        training.batch >= 2, "training.batch", training.batch,
        "is 1 picture, and batch normalisation at data.side 64 needs 2", "use 2 or more")
    }
  }
}
