import Autodiff
package import Datasets
package import Images
import Kernels
package import Layers
import Losses
package import Models
package import TensorCore
import Tracing

/// DMFN: its generator and discriminator, and the losses that train them.
///
/// - Reference: docs/models/dmfn.md 3 and 4.
package final class DMFNModel: JudgingModel {
  package let networks: [TrainedNetwork]
  private let generator: Generator
  /// The generator that fills.
  private let filler: Generator
  private let discriminator: any PictureDiscriminator
  private let features: VGG19?
  private let featureMapCount: Int
  private let pictureLosses: [PictureLoss]
  private let judgedLosses: [JudgedLoss]
  private let noise: DMFNNoise?
  private let adversarial: AdversarialSettings
  /// What the weight of the adversarial loss is multiplied by in this step.
  private var adversarialFactor: Float = 1
  private let globalSum: GlobalBatchSum?
  /// The sum of the generator's terms.
  private let generatorTerm = LossTerm("generator", .report)
  private let discriminatorTerm = LossTerm("discriminator", .discriminator)

  /// Prepares the networks for training.
  ///
  /// - Parameters:
  ///   - generator: The generator.
  ///   - averaged: The generator for the running average of the weights; nil keeps none.
  ///   - discriminator: The discriminator.
  ///   - features: VGG-19 for the perceptual losses; nil trains without them.
  ///   - losses: Which losses, and their weights.
  ///   - noise: The vectors of a generator with noise; nil for one without.
  ///   - adversarial: What keeps the game alive.
  ///   - globalSum: Who adds batch statistics and the means of the adversarial loss over all
  ///     replicas; nil where each replica has its own.
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: Generator, averaged: (generator: Generator, decay: AverageDecay)? = nil,
    discriminator: any PictureDiscriminator, features: VGG19?, losses: DMFNLossSettings,
    noise: DMFNNoise? = nil, adversarial: AdversarialSettings = AdversarialSettings(),
    globalSum: GlobalBatchSum? = nil,
    train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    filler = averaged?.generator ?? generator
    self.discriminator = discriminator
    self.noise = noise
    self.adversarial = adversarial
    self.globalSum = globalSum
    self.features = features
    featureMapCount = 1 + (losses.featureLayers.union([losses.alignmentLayer]).max() ?? 0)
    pictureLosses = PictureLoss.all(losses, mapCount: features?.mapCount ?? 0)
    judgedLosses = JudgedLoss.all(losses, adversarial.objective)
    networks = [train("generator", generator, 0), train("discriminator", discriminator, 1)]
    if let averaged { networks[0].keepAverage(in: averaged.generator, decay: averaged.decay) }
  }

  /// One update of both networks from one batch, and now and then one of the discriminator by R1.
  package var updates: [ModelUpdate] {
    [
      ModelUpdate(
        name: "both networks", networks: networks,
        losses: pictureLosses.map(\.term) + (noise.map { [$0.term(inBatch: 0)] } ?? [])
          + judgedLosses.map(\.term) + [generatorTerm, discriminatorTerm] + JudgementSigns.terms)
    ]
      + (adversarial.r1Term.map {
        [
          ModelUpdate(
            name: "slope of the discriminator", networks: [networks[1]], losses: [$0],
            interval: adversarial.r1Every)
        ]
      } ?? [])
  }

  package var isRelativistic: Bool { adversarial.objective.isRelativistic }

  package func logits(of pictures: Tensor, boxes: [Rectangle]) -> [Double] {
    Recording.off {
      discriminator.inferredLogits(Variable(pictures), windows: windows(round: boxes))
        .meansOfPictures
    }
  }

  package func beginStep(_ step: Int) {
    adversarialFactor = adversarial.adversarialFactor(at: step)
  }

  /// A draw is 0.69.
  package var discriminatorWinsBelow: Double? { 0.05 }

  package func fill(images: Tensor, holes: Tensor) -> FilledPictures {
    filler.fill(images: images, holes: holes)
  }

  package func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws {
    let groups = globalSum == nil ? batches.map { [$0] } : [batches]
    for group in groups {
      let replicas = group.map { "\($0.replica)" }.joined(separator: ", ")
      let losses = try Trace.span("replica \(replicas)") {
        update == 0
          ? try computeGradients(ofGroup: group) : try computeSlopeGradients(ofGroup: group)
      }
      for terms in losses { report(terms) }
    }
  }

  /// What the generator makes of one replica's pictures, and the losses of that.
  private struct GeneratorPass {
    let batch: ReplicaBatch
    let composite: Variable
    /// The composite as the start of the discriminator's own graph, so that each backward pass sees
    /// its part only.
    let judged: Variable
    /// The composite by another vector, which the discriminator sees as well; nil without noise.
    let other: Tensor?
    var losses: [LossValue]
  }

  /// The step of one replica, or of those of this rank whose statistics are of the whole batch: these
  /// go through the discriminator layer by layer together, each with its own shapes and sums.
  ///
  /// The discriminator sees target and composite once: both updates start from the same weights and
  /// pictures, so that one forward pass serves the generator's loss and its own, with exactly the
  /// numbers that two passes would give.
  private func computeGradients(ofGroup batches: [ReplicaBatch]) throws -> [LossTerms] {
    StepPhase.enter("generator-forward")
    var passes = batches.map { batch in
      let vectors = noise?.vectors(for: batch)
      let (composite, other) = Trace.span("generator forward") {
        let other = vectors.map { vectors in
          generator.fill(images: batch.images, holes: batch.masks, noise: vectors.second).composite
        }
        let (_, composite) = generator.composite(
          images: batch.images, holes: batch.masks, noise: vectors?.first)
        return (composite, other)
      }
      let losses = Trace.span("losses") {
        let pictures = ComparedPictures(
          composite, target: batch.images, features: features, mapCount: featureMapCount)
        return pictureLosses.map { LossValue(term: $0.term, value: $0.value(pictures)) }
          + distance(composite, other, batch)
      }
      return GeneratorPass(
        batch: batch, composite: composite, judged: .leaf(composite.value), other: other,
        losses: losses)
    }

    StepPhase.enter("discriminator-forward")
    var statistics = (real: [Tensor](), fake: [Tensor](), other: [Tensor]())
    let (real, fake, other) = Trace.span("discriminator forward") {
      (
        judge(batches, batches.map { Variable($0.images) }, statistics: &statistics.real),
        judge(batches, passes.map(\.judged), statistics: &statistics.fake),
        noise.map { _ in
          judge(
            batches, passes.map { Variable($0.other ?? $0.judged.value) },
            statistics: &statistics.other)
        }
      )
    }
    if other != nil { statistics.fake = means(statistics.fake, statistics.other) }
    let discriminatorLosses = Trace.span("losses") { addLosses(to: &passes, real, fake, other) }

    StepPhase.enter("generator-backward")
    try differentiate(passes)
    StepPhase.enter("discriminator-backward")
    for _ in batches {
      try networks[1].takeStatistics(means(statistics.real, statistics.fake))
    }
    try Trace.span("discriminator backward") {
      try networks[1].takeGradients(
        of: discriminatorLosses.map { ($0.value, nil) }, replicas: batches.count,
        polling: networks, check: globalSum)
    }
    return passes.indices.map { replica in
      let losses = passes[replica].losses
      let signs = JudgementSigns(
        real: real[replica].logits.meansOfPictures, fake: fake[replica].logits.meansOfPictures,
        isRelativistic: adversarial.objective.isRelativistic)
      return losses.reported + [(generatorTerm.name, losses.total)]
        + [discriminatorLosses[replica]].reported + signs.reported
    }
  }

  /// The distance of two fillings of the same holes, in a generator with noise.
  private func distance(
    _ composite: Variable, _ other: Tensor?, _ batch: ReplicaBatch
  ) -> [LossValue] {
    guard let noise, let other else { return [] }
    return [
      LossValue(
        term: noise.term(inBatch: batch.number),
        value: fillingDistance(
          composite, other: other, holes: batch.masks, limit: noise.limit))
    ]
  }

  /// Adds the losses that need the discriminator to each replica's, and returns its own: with noise the
  /// mean over the composites by both vectors.
  private func addLosses(
    to passes: inout [GeneratorPass], _ real: [DiscriminatorOutput], _ fake: [DiscriminatorOutput],
    _ other: [DiscriminatorOutput]?
  ) -> [LossValue] {
    let judgements = judgements(passes, real, fake)
    let others = other.map { self.judgements(passes, real, $0) }
    return passes.indices.map { replica in
      let judgement = judgements[replica]
      passes[replica].losses += judgedLosses.map {
        let factor = $0.term.name == "adversarial" ? adversarialFactor : 1
        return LossValue(term: $0.term.scaled(by: factor), value: $0.value(judgement))
      }
      let objective = adversarial.objective
      let loss = objective.discriminatorLoss(judgement)
      return LossValue(
        term: discriminatorTerm,
        value: others.map { (loss + objective.discriminatorLoss($0[replica])) * 0.5 } ?? loss)
    }
  }

  /// Originals beside composites, for each replica.
  private func judgements(
    _ passes: [GeneratorPass], _ real: [DiscriminatorOutput], _ fake: [DiscriminatorOutput]
  ) -> [Judgement] {
    let means = globalMeans(real: real.map(\.logits), fake: fake.map(\.logits))
    return passes.indices.map { replica in
      Judgement(
        real: real[replica], fake: fake[replica], means: means?[replica],
        holes: judgedHoles(passes[replica].batch))
    }
  }

  /// What the discriminator says of pictures, one for each of the batches' own: the only place where it
  /// sees any in training.
  ///
  /// - Parameters:
  ///   - batches: Where the holes are, and which batch it is.
  ///   - pictures: Originals or composites, [N, 3, side, side] for each batch.
  ///   - network: The discriminator; nil for that of the usual precision.
  ///   - statistics: Receives the statistics of batch norms.
  /// - Returns: Logits and feature maps, for each batch.
  private func judge(
    _ batches: [ReplicaBatch], _ pictures: [Variable],
    by network: (any PictureDiscriminator)? = nil, statistics: inout [Tensor]
  ) -> [DiscriminatorOutput] {
    let seen = zip(batches, pictures).map { batch, pictures in
      adversarial.augmentation.map { $0.drawn(for: batch)(pictures) } ?? pictures
    }
    return (network ?? discriminator).judge(
      seen, windows: batches.map { windows(round: $0.boxes) }, over: globalSum,
      statistics: &statistics)
  }

  /// The holes of a batch where the discriminator sees them.
  private func judgedHoles(_ batch: ReplicaBatch) -> Tensor {
    adversarial.augmentation.map { $0.drawn(for: batch).moved(batch.masks) } ?? batch.masks
  }

  private func windows(round boxes: [Rectangle]) -> CropWindows {
    CropWindows(
      tops: boxes.map(\.top), lefts: boxes.map(\.left), height: discriminator.side / 2,
      width: discriminator.side / 2)
  }

  /// The R1 update of one replica, or of those of this rank whose statistics are of the whole batch.
  ///
  /// In float32 always: the penalty is the gradient of a gradient. Running statistics stay as they are.
  private func computeSlopeGradients(ofGroup batches: [ReplicaBatch]) throws -> [LossTerms] {
    guard let term = adversarial.r1Term else { return [] }
    StepPhase.enter("discriminator-forward")
    var exact = discriminator
    exact.precision = .float32
    let penalties = Trace.span("discriminator forward") {
      slopePenalties(of: batches.map(\.images)) { pictures in
        var statistics: [Tensor] = []
        return judge(batches, pictures, by: exact, statistics: &statistics).map(\.logits)
      }
    }.map { LossValue(term: term, value: $0) }
    StepPhase.enter("discriminator-backward")
    for _ in batches { try networks[1].takeStatistics(networks[1].buffers.map(\.value)) }
    try Trace.span("discriminator backward") {
      try networks[1].takeGradients(
        of: penalties.map(\.source), replicas: batches.count, polling: [networks[1]],
        check: globalSum)
    }
    return penalties.map { [$0].reported }
  }

  /// The means of the logits over the whole batch, for each replica of this rank; nil where every
  /// replica has its own.
  private func globalMeans(
    real: [Variable], fake: [Variable]
  ) -> [(real: Variable, fake: Variable)]? {
    guard let globalSum else { return nil }
    func means(_ logits: [Variable]) -> [Variable] {
      Variable.summedOverReplicas(logits.map { $0.mean() }, by: globalSum)
        .map { $0 * (1 / Float(globalSum.replicas)) }
    }
    return zip(means(real), means(fake)).map { ($0, $1) }
  }

  /// The generator's gradients: what the discriminator says of the composites flows in where they
  /// were cut off from it.
  private func differentiate(_ passes: [GeneratorPass]) throws {
    let fromDiscriminator = Trace.span("discriminator backward to the picture") {
      gradients(
        of: passes.flatMap { $0.losses.sources(.judgement) }, by: passes.map(\.judged),
        keepsGraph: true)
    }
    StepPhase.enter("generator-backward")
    for (pass, gradient) in zip(passes, fromDiscriminator) {
      var sources = pass.losses.sources(.picture)
      if let gradient { sources.append((pass.composite, gradient)) }
      try Trace.span("generator backward") {
        try networks[0].takeGradients(of: sources, polling: networks, check: globalSum)
      }
    }
  }

  private func means(_ a: [Tensor], _ b: [Tensor]) -> [Tensor] {
    zip(a, b).map { a, b in
      Tensor(zip(a.elements, b.elements).map { ($0 + $1) / 2 }, shape: a.shape)
    }
  }
}
