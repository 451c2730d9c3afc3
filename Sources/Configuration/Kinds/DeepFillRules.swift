/// The keys of DeepFill.
struct DeepFillRules: ModelKindRules {
  let ownKeys: Set = [
    "model.compat", "model.composite", "loss.discounted_l1", "loss.discount", "loss.autoencoder",
    "loss.coarse",
    "loss.global_critic", "loss.penalty", "training.critic_updates", "training.pretrain_coarse",
    "masks",
  ]

  var sideMultiple: (multiple: Int, reason: String) {
    (32, "the critics halve a picture, and the box of half its side, four times")
  }

  func setDefaults(_ configuration: inout RunConfiguration) {
    configuration.experiment = "deepfill"
    configuration.model.width = 32
    configuration.loss.adversarial = 0.001
    configuration.optimizer.learningRate = 1e-4
    configuration.optimizer.beta2 = 0.9
    configuration.optimizer.milestones = []
  }

  func checkModel(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    let width = configuration.model.width
    check.demand(
      width.isMultiple(of: 2), "model.width", width,
      "must be even: the generator's last but one layer has half of it", "use \(width + 1)")
  }

  func checkLosses(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    let (loss, pretrainsCoarse) = (configuration.loss, configuration.training.pretrainCoarse)
    check.demand(
      loss.discount > 0 && loss.discount <= 1, "loss.discount", loss.discount,
      "must be above 0 and at most 1", "use 0.9, as published, or 1 for no discount")
    let learnsFromPixels = loss.discountedL1 > 0 || loss.autoencoder > 0
    check.demand(
      pretrainsCoarse
        ? learnsFromPixels && loss.coarse > 0 : learnsFromPixels || loss.adversarial > 0,
      "loss", "all 0", "leaves the generator nothing to learn from",
      "set loss.discounted_l1 and loss.coarse to 1.2")
  }

  func checkTraining(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    check.within(1...1000, configuration.training.criticUpdates, "training.critic_updates")
    check.demand(
      configuration.training.batchStatistics == .replica, "training.batch_statistics", "global",
      "has no meaning: these networks have no batch statistics", "leave it out")
  }

  func checkReplicas(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {}
}
