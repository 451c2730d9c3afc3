import Autodiff
package import Datasets
import Kernels
package import Layers
import Losses
package import Models
package import TensorCore
import Tracing

/// DeepFill v1: its generator and critics, and the Wasserstein losses that train them.
///
/// A step makes several updates of the critics, each of fresh pictures that the generator fills as it
/// is, then one of the generator. In pretraining it makes one of the coarse network.
///
/// - Reference: Yu et al. 2018, arXiv 1801.07892; spec/deepfill.md 3 to 5.
package final class DeepFillModel: InpaintingModel {
  package let networks: [TrainedNetwork]
  private let generator: DeepFillGenerator
  /// The generator that fills.
  private let filler: DeepFillGenerator
  private let critics: DeepFillCritics
  private let settings: DeepFillTraining
  private let penaltyPositions: (ReplicaBatch) -> [[Float]]

  /// Prepares the networks for training.
  ///
  /// - Parameters:
  ///   - generator: The generator.
  ///   - averaged: The generator for the running average of the weights; nil keeps none.
  ///   - critics: The critics of the box and of the whole picture.
  ///   - settings: Losses and schedule.
  ///   - penaltyPositions: Where between each real picture and its fake the slope of the local and of
  ///     the global critic is taken: two lists with a number in [0, 1) for each picture of a batch.
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: DeepFillGenerator, averaged: (generator: DeepFillGenerator, decay: Double)? = nil,
    critics: DeepFillCritics, settings: DeepFillTraining,
    penaltyPositions: @escaping (ReplicaBatch) -> [[Float]],
    train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    filler = averaged?.generator ?? generator
    self.critics = critics
    self.settings = settings
    self.penaltyPositions = penaltyPositions
    networks = [train("generator", generator, 0), train("discriminator", critics, 1)]
    networks[0].average = averaged.map {
      ParameterAverage(of: networks[0].arena, in: $0.generator, decay: $0.decay)
    }
  }

  package var updates: [ModelUpdate] {
    let generatorLosses = ["discounted_l1", "autoencoder"]
    guard !settings.pretrainsCoarse else {
      return [
        ModelUpdate(
          name: "coarse network", networks: [networks[0]],
          lossNames: generatorLosses + ["generator"])
      ]
    }
    return (1...settings.criticUpdates).map {
      ModelUpdate(
        name: "critics \($0)", networks: [networks[1]],
        lossNames: ["wasserstein", "penalty", "discriminator"])
    } + [
      ModelUpdate(
        name: "generator", networks: [networks[0]],
        lossNames: generatorLosses + ["adversarial", "generator"])
    ]
  }

  /// A Wasserstein loss has no value that means a victory.
  package var discriminatorWinsBelow: Double? { nil }

  package func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws {
    let updatesCritics = update < updates.count - 1
    for batch in batches {
      let terms = try Trace.span("replica \(batch.replica)") {
        updatesCritics
          ? try computeCriticGradients(of: batch) : try computeGeneratorGradients(of: batch)
      }
      report(terms)
    }
  }

  package func fill(images: Tensor, holes: Tensor) -> FilledPictures {
    Recording.off {
      guard settings.pretrainsCoarse else {
        let output = filler(images: images, holes: holes)
        return FilledPictures(
          generated: output.refined.value.converted(to: .plain), composite: output.composite.value)
      }
      let coarse = filler.coarse(images: images, holes: holes).value.converted(to: .plain)
      return FilledPictures(
        generated: coarse, composite: Tensor.blend(hole: holes, coarse, images))
    }
  }

  // MARK: - Critics

  private func computeCriticGradients(of batch: ReplicaBatch) throws -> LossTerms {
    StepPhase.enter("generator-forward")
    let fake = Trace.span("generator forward") {
      Recording.off { generator(images: batch.images, holes: batch.masks).composite.value }
    }
    let windows = batch.windows
    let views = [
      (
        critic: critics.local, real: batch.images.cropped(to: windows),
        fake: fake.cropped(to: windows), holes: batch.masks.cropped(to: windows), weight: Float(1)
      ),
      (
        critic: critics.global, real: batch.images, fake: fake, holes: batch.masks,
        // The TensorFlow code weights the whole picture in the generator's loss only.
        weight: settings.convention == .torch ? settings.globalCritic : 1
      ),
    ]
    StepPhase.enter("discriminator-forward")
    let positions = penaltyPositions(batch)
    let (wasserstein, penalty) = Trace.span("discriminator forward") {
      let losses = zip(views, positions).map { view, positions in
        (
          wasserstein: wassersteinLoss(
            real: view.critic(Variable(view.real)), fake: view.critic(Variable(view.fake)))
            * view.weight,
          penalty: gradientPenalty(
            real: view.real, fake: view.fake, positions: positions,
            holes: settings.convention == .tf ? view.holes : nil
          ) { view.critic($0) }
        )
      }
      return (
        losses[0].wasserstein + losses[1].wasserstein, losses[0].penalty + losses[1].penalty
      )
    }
    StepPhase.enter("discriminator-backward")
    try Trace.span("discriminator backward") {
      try networks[1].accept(
        gradientsOf: [(wasserstein, nil), (penalty, Variable(Tensor(settings.penalty)))],
        polling: [networks[1]])
    }
    let (distance, slope) = (Double(wasserstein.value.scalar), Double(penalty.value.scalar))
    return [
      ("wasserstein", distance), ("penalty", slope),
      ("discriminator", distance + Double(settings.penalty) * slope),
    ]
  }

  // MARK: - Generator

  private func computeGeneratorGradients(of batch: ReplicaBatch) throws -> LossTerms {
    StepPhase.enter("generator-forward")
    let predictionLosses = PredictionLosses(settings: settings)
    var terms: [WeightedLoss]
    if settings.pretrainsCoarse {
      let coarse = Trace.span("generator forward") {
        generator.coarse(images: batch.images, holes: batch.masks)
      }
      terms = Trace.span("losses") {
        predictionLosses.terms(coarse: coarse, refined: nil, batch)
      }
    } else {
      let output = Trace.span("generator forward") {
        generator(images: batch.images, holes: batch.masks)
      }
      terms = Trace.span("losses") {
        predictionLosses.terms(coarse: output.coarse, refined: output.refined, batch)
      }
      StepPhase.enter("discriminator-forward")
      terms.append(
        (
          "adversarial", settings.adversarial,
          Trace.span("discriminator forward") { adversarialLoss(output.composite, batch) }
        ))
    }
    StepPhase.enter("generator-backward")
    try Trace.span("generator backward") {
      try networks[0].accept(
        gradientsOf: terms.map { ($0.value, Variable(Tensor($0.weight))) }, polling: [networks[0]])
    }
    let total = terms.reduce(0) { $0 + Double($1.weight) * Double($1.value.value.scalar) }
    return terms.map { ($0.name, Double($0.value.value.scalar)) } + [("generator", total)]
  }

  /// What the critics think of composites, with the sign that the generator lowers.
  private func adversarialLoss(_ composite: Variable, _ batch: ReplicaBatch) -> Variable {
    let local = critics.local(composite.cropped(to: batch.windows)).mean()
    let whole = critics.global(composite).mean() * settings.globalCritic
    return (local + whole) * -1
  }
}
