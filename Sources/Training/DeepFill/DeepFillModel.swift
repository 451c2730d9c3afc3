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
/// - Reference: Yu et al. 2018, arXiv 1801.07892; docs/models/deepfill.md 3 to 5.
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
    generator: DeepFillGenerator,
    averaged: (generator: DeepFillGenerator, decay: AverageDecay)? = nil,
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
    if let averaged { networks[0].keepAverage(in: averaged.generator, decay: averaged.decay) }
  }

  package var updates: [ModelUpdate] {
    let generatorLosses = PredictionLosses(settings: settings).terms
    guard !settings.pretrainsCoarse else {
      return [
        ModelUpdate(
          name: "coarse network", networks: [networks[0]],
          losses: generatorLosses + [generatorTerm])
      ]
    }
    return (0..<settings.criticUpdates).map {
      ModelUpdate(
        name: "critics \($0 + 1)", networks: [networks[1]],
        losses: [wassersteinTerm, penaltyTerm, discriminatorTerm], batch: $0)
    } + [
      ModelUpdate(
        name: "generator", networks: [networks[0]],
        losses: generatorLosses + [adversarialTerm, generatorTerm], batch: settings.criticUpdates)
    ]
  }

  private let wassersteinTerm = LossTerm("wasserstein", .discriminator)
  private var penaltyTerm: LossTerm {
    LossTerm("penalty", weight: settings.penalty, .discriminator)
  }
  /// The weighted sum of the two.
  private let discriminatorTerm = LossTerm("discriminator", .report)
  private var adversarialTerm: LossTerm {
    LossTerm("adversarial", weight: settings.adversarial, .judgement)
  }
  /// The weighted sum of the generator's losses.
  private let generatorTerm = LossTerm("generator", .report)

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
      let composite = filler.compositeKind(
        Variable(coarse), known: Variable(images), hole: holes)
      return FilledPictures(generated: coarse, composite: composite.value)
    }
  }

  // MARK: - Critics

  private func computeCriticGradients(of batch: ReplicaBatch) throws -> LossTerms {
    StepPhase.enter("generator-forward")
    let fake = Trace.span("generator forward") {
      Recording.off { generator(images: batch.images, holes: batch.masks).composite.value }
    }
    let views = View.allCases.map { view in
      (
        view: view, real: view.part(of: batch.images, batch), fake: view.part(of: fake, batch),
        holes: view.part(of: batch.masks, batch),
        // The TensorFlow code weights the whole picture in the generator's loss only.
        weight: view == .whole && settings.convention == .torch ? settings.globalCritic : 1
      )
    }
    StepPhase.enter("discriminator-forward")
    let positions = penaltyPositions(batch)
    let losses = Trace.span("discriminator forward") {
      let losses = zip(views, positions).map { pictures, positions in
        (
          wasserstein: wassersteinLoss(
            real: judge(Variable(pictures.real), by: pictures.view),
            fake: judge(Variable(pictures.fake), by: pictures.view)) * pictures.weight,
          penalty: gradientPenalty(
            real: pictures.real, fake: pictures.fake, positions: positions,
            holes: settings.convention == .tf ? pictures.holes : nil
          ) { judge($0, by: pictures.view) }
        )
      }
      return [
        LossValue(term: wassersteinTerm, value: losses[0].wasserstein + losses[1].wasserstein),
        LossValue(term: penaltyTerm, value: losses[0].penalty + losses[1].penalty),
      ]
    }
    StepPhase.enter("discriminator-backward")
    try Trace.span("discriminator backward") {
      try networks[1].takeGradients(of: losses.map(\.source), polling: [networks[1]])
    }
    return losses.reported + [(discriminatorTerm.name, losses.total)]
  }

  /// What a critic looks at.
  private enum View: CaseIterable {
    /// The box round the hole.
    case box
    /// The whole picture.
    case whole

    /// Its part of pictures, [N, C, H, W].
    func part(of pictures: Tensor, _ batch: ReplicaBatch) -> Tensor {
      self == .box ? pictures.cropped(to: batch.windows) : pictures
    }

    /// Its part of pictures in a graph, [N, C, H, W].
    func part(of pictures: Variable, _ batch: ReplicaBatch) -> Variable {
      self == .box ? pictures.cropped(to: batch.windows) : pictures
    }
  }

  /// What a critic says of its view of pictures, a number for each: the only place where critics see
  /// any.
  private func judge(_ pictures: Variable, by view: View) -> Variable {
    switch view {
    case .box: critics.local(pictures)
    case .whole: critics.global(pictures)
    }
  }

  // MARK: - Generator

  private func computeGeneratorGradients(of batch: ReplicaBatch) throws -> LossTerms {
    StepPhase.enter("generator-forward")
    let predictionLosses = PredictionLosses(settings: settings)
    var losses: [LossValue]
    if settings.pretrainsCoarse {
      let coarse = Trace.span("generator forward") {
        generator.coarse(images: batch.images, holes: batch.masks)
      }
      losses = Trace.span("losses") {
        predictionLosses.values(coarse: coarse, refined: nil, batch)
      }
    } else {
      let output = Trace.span("generator forward") {
        generator(images: batch.images, holes: batch.masks)
      }
      losses = Trace.span("losses") {
        predictionLosses.values(coarse: output.coarse, refined: output.refined, batch)
      }
      StepPhase.enter("discriminator-forward")
      losses.append(
        LossValue(
          term: adversarialTerm,
          value: Trace.span("discriminator forward") { adversarialLoss(output.composite, batch) }))
    }
    StepPhase.enter("generator-backward")
    try Trace.span("generator backward") {
      try networks[0].takeGradients(of: losses.map(\.source), polling: [networks[0]])
    }
    return losses.reported + [(generatorTerm.name, losses.total)]
  }

  /// What the critics think of composites, with the sign that the generator lowers.
  private func adversarialLoss(_ composite: Variable, _ batch: ReplicaBatch) -> Variable {
    func mean(_ view: View) -> Variable {
      judge(view.part(of: composite, batch), by: view).mean()
    }
    let local = mean(.box)
    let whole = mean(.whole) * settings.globalCritic
    return (local + whole) * -1
  }
}
