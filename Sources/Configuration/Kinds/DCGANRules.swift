import Models

/// The keys of DCGAN.
struct DCGANRules: ModelKindRules {
  let ownKeys: Set = ["model.latent", "adversarial"]

  let fillsHoles = false

  let scores = [CheckpointConfiguration.Metric.ofSamples]

  var sideMultiple: (multiple: Int, reason: String) {
    (32, "the networks begin and end with 4x4 pixels and double them")
  }

  func setDefaults(_ configuration: inout RunConfiguration) {
    configuration.experiment = "dcgan"
    configuration.data.side = 64
    configuration.loss.adversarial = 1
    configuration.optimizer.milestones = []
    configuration.training.batch = 64
    configuration.checkpoint.bestMetric = .ofSamples
    configuration.validation.count = 256
    configuration.validation.samplesCount = 64
  }

  func checkModel(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    check.within(1...65_536, configuration.model.latent, "model.latent")
    let (side, sides) = (configuration.data.side, DCGANSettings.sides)
    check.demand(
      sides.contains(side) || !side.isMultiple(of: sideMultiple.multiple) || side <= 0,
      "data.side", side, "has no DCGAN",
      "use \(sides.map(String.init).joined(separator: ", "))")
  }

  func checkLosses(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    check.demand(
      configuration.loss.adversarial > 0, "loss", "all 0",
      "leaves the generator nothing to learn from",
      "set loss.adversarial to 1")
    check.demand(
      configuration.adversarial.warmup == 0, "adversarial.warmup",
      configuration.adversarial.warmup, "has no meaning for DCGAN, whose generator has one loss",
      "leave it out")
  }

  func checkTraining(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {
    check.demand(
      configuration.training.batchStatistics == .replica, "training.batch_statistics", "global",
      "is not there for DCGAN: each replica has statistics of its own", "leave it out")
    check.demand(
      !configuration.training.recompute, "training.recompute", "true",
      "is not there for DCGAN, whose feature maps are small", "leave it out")
  }

  func checkReplicas(_ configuration: RunConfiguration, _ check: inout ConfigurationCheck) {}
}
