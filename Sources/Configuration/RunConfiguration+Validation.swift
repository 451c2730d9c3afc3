import Spelling

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
    checkLossWeights(&check)
    model.kind.rules.checkLosses(self, &check)
    checkAdversarial(&check)
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
    if check.within(1...4096, model.width, "model.width") {
      model.kind.rules.checkModel(self, &check)
    }
  }

  private func checkLossWeights(_ check: inout ConfigurationCheck) {
    for weight in LossConfiguration.weights {
      let key = "loss.\(weight.key)"
      if model.kind.otherOwner(of: key) == nil { check.notNegative(weight.value(loss), key) }
    }
  }

  private func checkAdversarial(_ check: inout ConfigurationCheck) {
    let names = adversarial.augment.map(\.rawValue)
    check.notNegative(adversarial.r1, "adversarial.r1")
    check.within(1...10_000, adversarial.r1Every, "adversarial.r1_every")
    check.demand(
      Set(names).count == names.count, "adversarial.augment",
      "[" + names.joined(separator: ", ") + "]", "names a change twice", "name each once")
    check.within(0...Self.stepLimit, adversarial.warmup, "adversarial.warmup")
  }

  private func checkDiscriminatorOptimizer(_ check: inout ConfigurationCheck) {
    let own = optimizer.discriminator
    check.positive(own.learningRate, "optimizer.discriminator.learning_rate")
    for (key, beta) in [("beta1", own.beta1), ("beta2", own.beta2)] {
      check.demand(
        beta >= 0 && beta < 1, "optimizer.discriminator.\(key)", beta,
        "must be at least 0 and less than 1", "use \(key == "beta1" ? 0.5 : 0.999)")
    }
    check.within(0...Self.stepLimit, own.warmup, "optimizer.discriminator.warmup")
    check.notNegative(own.clipNorm, "optimizer.discriminator.clip_norm")
    checkFall(
      own.milestones, own.decay, own.finalShare, "optimizer.discriminator", &check)
  }

  private func checkFall(
    _ milestones: [Int], _ decay: Double, _ finalShare: Double, _ section: String,
    _ check: inout ConfigurationCheck
  ) {
    check.demand(
      milestones.allSatisfy { $0 > 0 } && zip(milestones, milestones.dropFirst()).allSatisfy(<),
      "\(section).milestones", milestones, "must be positive steps in rising order",
      "sort them and name each once")
    check.demand(
      decay > 0 && decay <= 1, "\(section).decay", decay, "must be above 0 and at most 1",
      "use 0.5, as published")
    check.demand(
      finalShare >= 0 && finalShare <= 1, "\(section).final_share", finalShare,
      "must be from 0 to 1", "use 0 for a rate that falls to nothing, or 0.01")
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
    checkFall(
      optimizer.milestones, optimizer.decay, optimizer.finalShare, "optimizer", &check)
    check.notNegative(optimizer.clipNorm, "optimizer.clip_norm")
    check.within(0...Self.stepLimit, optimizer.warmup, "optimizer.warmup")
    checkDiscriminatorOptimizer(&check)
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
    let scores = model.kind.rules.scores
    check.demand(
      scores.contains(checkpoint.bestMetric), "checkpoint.best_metric",
      checkpoint.bestMetric.rawValue, "is no score of model.kind \(model.kind.rawValue)",
      "use \(scores.map(\.rawValue).joined(separator: ", "))")
    let isScored = validation.every > 0 && checkpoint.every.isMultiple(of: validation.every)
    check.demand(
      checkpoint.keepBest <= 0 || isScored, "checkpoint.keep_best", checkpoint.keepBest,
      "needs scores at every checkpoint, and validation.every is \(validation.every)",
      "set validation.every to checkpoint.every, which is \(checkpoint.every), or to a part of it")
  }

  private func checkValidationHoles(_ check: inout ConfigurationCheck) {
    let holes = validation.holes
    let shown = "[" + holes.joined(separator: ", ") + "]"
    let words = HoleKind.evaluated.map(\.word)
    check.demand(
      holes.isEmpty || model.kind.fillsHoles, "validation.holes", shown,
      "has no meaning for model.kind \(model.kind.rawValue), which fills none", "leave it out")
    check.demand(
      Set(holes).count == holes.count, "validation.holes", shown, "names a kind twice",
      "name each once")
    for word in holes where HoleKind.evaluated(word) == nil {
      check.demand(
        false, "validation.holes", shown, "names \(word), which is no kind of hole",
        "the nearest is \(nearestName(to: word, among: words) ?? ""); there are "
          + words.joined(separator: ", "))
    }
  }

  private func checkValidation(_ check: inout ConfigurationCheck) {
    check.within(0...RunConfiguration.stepLimit, validation.every, "validation.every")
    check.within(1...1_000_000, validation.count, "validation.count")
    check.within(
      0...RunConfiguration.stepLimit, validation.samplesEvery, "validation.samples_every")
    check.within(1...1_000_000, validation.samplesCount, "validation.samples_count")
    check.within(0...1_000_000, validation.patience, "validation.patience")
    checkValidationHoles(&check)
    for (key, needsScores) in [
      ("validation.patience", validation.patience > 0), ("validation.first", validation.first),
    ] {
      check.demand(
        !needsScores || validation.every > 0, key, needsScores, "needs scores, and none are taken",
        "set validation.every to the steps between two of them")
    }
  }
}
