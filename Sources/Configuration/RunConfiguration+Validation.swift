extension RunConfiguration {
  /// More steps than any training takes.
  static let stepLimit = 1_000_000_000

  /// Checks that the values can be used, alone and together.
  ///
  /// - Parameter rankCount: Ranks that the run is spread over.
  /// - Throws: `ConfigurationError` with every problem found.
  package func validate(rankCount: Int) throws(ConfigurationError) {
    let problems = problems(rankCount: rankCount)
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  /// What is wrong with the values, alone and together, in the order of the sections.
  package func problems(rankCount: Int) -> [ConfigurationProblem] {
    var check = ConfigurationCheck()
    checkExperiment(&check)
    checkModel(&check)
    checkData(&check)
    checkMasks(&check)
    checkLoss(&check)
    if model.kind == .dmfn { checkPerceptual(&check) }
    checkOptimizer(&check)
    checkTraining(&check, rankCount: rankCount)
    checkCheckpoint(&check)
    checkValidation(&check)
    return check.problems
  }

  private func checkExperiment(_ check: inout ConfigurationCheck) {
    let isName = experiment.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
    check.demand(
      isName && !experiment.isEmpty && !experiment.hasPrefix("."), "experiment",
      experiment.isEmpty ? "\"\"" : experiment, "must be a plain folder name",
      "use letters, digits, -, _ and ., not starting with a point")
  }

  private func checkModel(_ check: inout ConfigurationCheck) {
    let isWidthUsable = check.within(1...4096, model.width, "model.width")
    switch model.kind {
    case .dmfn:
      check.within(1...1024, model.blocks, "model.blocks")
    case .deepfill:
      guard isWidthUsable else { return }
      check.demand(
        model.width.isMultiple(of: 2), "model.width", model.width,
        "must be even: the generator's last but one layer has half of it",
        "use \(model.width + 1)")
    }
  }

  private func checkLoss(_ check: inout ConfigurationCheck) {
    check.notNegative(loss.adversarial, "loss.adversarial")
    switch model.kind {
    case .dmfn:
      check.notNegative(loss.pixel, "loss.pixel")
      check.notNegative(loss.feature, "loss.feature")
      check.notNegative(loss.alignment, "loss.alignment")
      check.notNegative(loss.discriminatorFeature, "loss.discriminator_feature")
      let usesFeatures = perceptual.weightSource != .none
      check.demand(
        loss.pixel > 0 || loss.adversarial > 0 || loss.discriminatorFeature > 0
          || (usesFeatures && (loss.feature > 0 || loss.alignment > 0)),
        "loss", "all 0", "leaves the generator nothing to learn from", "set loss.pixel to 1")
    case .deepfill:
      checkCriticLosses(&check)
    }
  }

  private func checkCriticLosses(_ check: inout ConfigurationCheck) {
    check.notNegative(loss.discountedL1, "loss.discounted_l1")
    check.notNegative(loss.autoencoder, "loss.autoencoder")
    check.notNegative(loss.coarse, "loss.coarse")
    check.notNegative(loss.globalCritic, "loss.global_critic")
    check.notNegative(loss.penalty, "loss.penalty")
    check.demand(
      loss.discount > 0 && loss.discount <= 1, "loss.discount", loss.discount,
      "must be above 0 and at most 1", "use 0.9, as published, or 1 for no discount")
    let learnsFromPixels = loss.discountedL1 > 0 || loss.autoencoder > 0
    check.demand(
      learnsFromPixels && (!training.pretrainCoarse || loss.coarse > 0)
        || (loss.adversarial > 0 && !training.pretrainCoarse),
      "loss", "all 0", "leaves the generator nothing to learn from",
      "set loss.discounted_l1 and loss.coarse to 1.2")
  }

  private func checkPerceptual(_ check: inout ConfigurationCheck) {
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

  private func checkOptimizer(_ check: inout ConfigurationCheck) {
    let published = RunConfiguration(kind: model.kind).optimizer
    check.positive(optimizer.learningRate, "optimizer.learning_rate")
    for (key, beta) in [
      ("optimizer.beta1", optimizer.beta1), ("optimizer.beta2", optimizer.beta2),
    ] {
      check.demand(
        beta >= 0 && beta < 1, key, beta, "must be at least 0 and less than 1",
        "use \(key == "optimizer.beta1" ? published.beta1 : published.beta2), as published")
    }
    check.positive(optimizer.epsilon, "optimizer.epsilon")
    let milestones = optimizer.milestones
    check.demand(
      milestones.allSatisfy { $0 > 0 } && zip(milestones, milestones.dropFirst()).allSatisfy(<),
      "optimizer.milestones", milestones, "must be positive steps in rising order",
      "sort them and name each once")
    check.demand(
      optimizer.decay > 0 && optimizer.decay <= 1, "optimizer.decay", optimizer.decay,
      "must be above 0 and at most 1", "use 0.5, as published")
  }

  private func checkCheckpoint(_ check: inout ConfigurationCheck) {
    let steps = RunConfiguration.stepLimit
    let isEveryUsable = check.within(1...steps, checkpoint.every, "checkpoint.every")
    check.within(1...steps, checkpoint.keepLast, "checkpoint.keep_last")
    let isKeepUsable = check.within(0...steps, checkpoint.keepEvery, "checkpoint.keep_every")
    if isEveryUsable, isKeepUsable {
      let lower = max(1, checkpoint.keepEvery / checkpoint.every) * checkpoint.every
      check.demand(
        checkpoint.keepEvery % checkpoint.every == 0, "checkpoint.keep_every",
        checkpoint.keepEvery,
        "must be a multiple of checkpoint.every, which is \(checkpoint.every)", "use \(lower)")
    }
    check.within(0...steps, checkpoint.keepBest, "checkpoint.keep_best")
    let isScored = validation.every > 0 && checkpoint.every.isMultiple(of: validation.every)
    check.demand(
      checkpoint.keepBest <= 0 || isScored, "checkpoint.keep_best", checkpoint.keepBest,
      "needs scores at every checkpoint, and validation.every is \(validation.every)",
      "set validation.every to checkpoint.every, which is \(checkpoint.every), or to a part of it")
  }

  private func checkValidation(_ check: inout ConfigurationCheck) {
    check.within(0...RunConfiguration.stepLimit, validation.every, "validation.every")
    check.within(1...1_000_000, validation.count, "validation.count")
    check.within(
      0...RunConfiguration.stepLimit, validation.samplesEvery, "validation.samples_every")
    check.within(1...1_000_000, validation.samplesCount, "validation.samples_count")
  }
}
