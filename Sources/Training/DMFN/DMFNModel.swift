import Autodiff
package import Datasets
import Images
import Kernels
package import Layers
import Losses
package import Models
package import TensorCore
import Tracing

/// DMFN: its generator and discriminator, and the losses that train them.
///
/// - Reference: docs/models/dmfn.md 3 and 4.
package final class DMFNModel: InpaintingModel {
  package let networks: [TrainedNetwork]
  private let generator: Generator
  /// The generator that fills.
  private let filler: Generator
  private let discriminator: Discriminator
  private let features: VGG19?
  private let featureMapCount: Int
  private let pictureLosses: [PictureLoss]
  private let judgedLosses: [JudgedLoss]
  private let noise: DMFNNoise?
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
  ///   - globalSum: Who adds batch statistics and the means of the adversarial loss over all
  ///     replicas; nil where each replica has its own.
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: Generator, averaged: (generator: Generator, decay: Double)? = nil,
    discriminator: Discriminator, features: VGG19?, losses: DMFNLossSettings,
    noise: DMFNNoise? = nil, globalSum: GlobalBatchSum? = nil,
    train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    filler = averaged?.generator ?? generator
    self.discriminator = discriminator
    self.noise = noise
    self.globalSum = globalSum
    self.features = features
    featureMapCount = 1 + (losses.featureLayers.union([losses.alignmentLayer]).max() ?? 0)
    pictureLosses = PictureLoss.all(losses, mapCount: features?.mapCount ?? 0)
    judgedLosses = JudgedLoss.all(losses)
    networks = [train("generator", generator, 0), train("discriminator", discriminator, 1)]
    if let averaged { networks[0].keepAverage(in: averaged.generator, decay: averaged.decay) }
  }

  /// One update of both networks from one batch.
  package var updates: [ModelUpdate] {
    [
      ModelUpdate(
        name: "both networks", networks: networks,
        losses: pictureLosses.map(\.term) + (noise.map { [$0.term(inBatch: 0)] } ?? [])
          + judgedLosses.map(\.term)
          + [generatorTerm, discriminatorTerm])
    ]
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
      let losses = try Trace.span("replica \(replicas)") { try computeGradients(ofGroup: group) }
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
        judge(passes, statistics: &statistics.real) { Variable($0.batch.images) },
        judge(passes, statistics: &statistics.fake) { $0.judged },
        noise.map { _ in
          judge(passes, statistics: &statistics.other) { Variable($0.other ?? $0.judged.value) }
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
    return zip(passes, discriminatorLosses).map { pass, discriminatorLoss in
      pass.losses.reported + [(generatorTerm.name, pass.losses.total)]
        + [discriminatorLoss].reported
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
        value: fillingDistance(composite, other: other, holes: batch.masks))
    ]
  }

  /// Adds the losses that need the discriminator to each replica's, and returns its own: with noise the
  /// mean over the composites by both vectors.
  private func addLosses(
    to passes: inout [GeneratorPass], _ real: [DiscriminatorOutput], _ fake: [DiscriminatorOutput],
    _ other: [DiscriminatorOutput]?
  ) -> [LossValue] {
    let otherLosses = other.map { other in
      let means = globalMeans(real: real.map(\.logits), fake: other.map(\.logits))
      return real.indices.map { replica in
        relativisticLoss(
          real: real[replica].logits, fake: other[replica].logits, realLabel: 1,
          means: means?[replica])
      }
    }
    let means = globalMeans(real: real.map(\.logits), fake: fake.map(\.logits))
    return passes.indices.map { replica in
      let judgement = Judgement(
        real: real[replica], fake: fake[replica], means: means?[replica])
      passes[replica].losses += judgedLosses.map {
        LossValue(term: $0.term, value: $0.value(judgement))
      }
      let loss = relativisticLoss(
        real: judgement.real.logits, fake: judgement.fake.logits, realLabel: 1,
        means: judgement.means)
      return LossValue(
        term: discriminatorTerm, value: otherLosses.map { (loss + $0[replica]) * 0.5 } ?? loss)
    }
  }

  /// What the discriminator says of one picture of each pass: the only place where it sees any.
  private func judge(
    _ passes: [GeneratorPass], statistics: inout [Tensor], _ picture: (GeneratorPass) -> Variable
  ) -> [DiscriminatorOutput] {
    let side = discriminator.side / 2
    let local = passes.map { pass in
      let boxes = pass.batch.boxes
      return picture(pass).cropped(
        to: CropWindows(
          tops: boxes.map(\.top), lefts: boxes.map(\.left), height: side, width: side))
    }
    return discriminator(
      local: local, whole: passes.map(picture), over: globalSum, statistics: &statistics)
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
