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
/// - Reference: spec/dmfn.md 3 and 4.
package final class DMFNModel: InpaintingModel {
  package let networks: [TrainedNetwork]
  private let generator: Generator
  /// The generator that fills.
  private let filler: Generator
  private let discriminator: Discriminator
  private let pictureLosses: PictureLosses
  private let globalSum: GlobalBatchSum?
  private var settings: DMFNLossSettings { pictureLosses.settings }

  /// Prepares the networks for training.
  ///
  /// - Parameters:
  ///   - generator: The generator.
  ///   - averaged: The generator for the running average of the weights; nil keeps none.
  ///   - discriminator: The discriminator.
  ///   - features: VGG-19 for the perceptual losses; nil trains without them.
  ///   - losses: Which losses, and their weights.
  ///   - globalSum: Who adds batch statistics and the means of the adversarial loss over all
  ///     replicas; nil where each replica has its own.
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: Generator, averaged: (generator: Generator, decay: Double)? = nil,
    discriminator: Discriminator, features: VGG19?, losses: DMFNLossSettings,
    globalSum: GlobalBatchSum? = nil,
    train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    filler = averaged?.generator ?? generator
    self.discriminator = discriminator
    self.globalSum = globalSum
    pictureLosses = PictureLosses(settings: losses, features: features)
    networks = [train("generator", generator, 0), train("discriminator", discriminator, 1)]
    networks[0].average = averaged.map {
      ParameterAverage(of: networks[0].arena, in: $0.generator, decay: $0.decay)
    }
  }

  package var lossNames: [String] {
    let mapCount = pictureLosses.features?.mapCount ?? 0
    return ["pixel"] + (mapCount > 0 ? ["feature"] : [])
      + (mapCount > settings.alignmentLayer ? ["alignment"] : [])
      + ["adversarial", "discriminator_feature", "generator", "discriminator"]
  }

  package func fill(images: Tensor, holes: Tensor) -> FilledPictures {
    filler.fill(images: images, holes: holes)
  }

  package func computeGradients(of batch: ReplicaBatch) throws -> LossTerms {
    try computeGradients(ofGroup: [batch])[0]
  }

  package func computeGradients(
    ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
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
    var terms: [(name: String, weight: Float, value: Variable)]
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
      let composite = Trace.span("generator forward") {
        generator.composite(images: batch.images, holes: batch.masks).composite
      }
      let terms = Trace.span("losses") {
        pictureLosses.terms(composite, target: batch.images)
      }
      return GeneratorPass(
        batch: batch, composite: composite, judged: .leaf(composite.value), terms: terms)
    }

    StepPhase.enter("discriminator-forward")
    var statistics = (real: [Tensor](), fake: [Tensor]())
    let (real, fake) = Trace.span("discriminator forward") {
      (
        judge(passes, statistics: &statistics.real) { Variable($0.batch.images) },
        judge(passes, statistics: &statistics.fake) { $0.judged }
      )
    }
    let discriminatorLosses = Trace.span("losses") { addLosses(to: &passes, real, fake) }

    StepPhase.enter("generator-backward")
    try differentiate(passes)
    StepPhase.enter("discriminator-backward")
    for _ in batches {
      try networks[1].accept(
        statistics: zip(statistics.real, statistics.fake).map { mean($0, $1) })
    }
    try Trace.span("discriminator backward") {
      try handOver(
        of: discriminatorLosses.map { ($0, nil) }, to: networks[1], replicas: batches.count)
    }
    return zip(passes, discriminatorLosses).map { pass, discriminatorLoss in
      let total = pass.terms.reduce(0) { $0 + Double($1.weight) * Double($1.value.value.scalar) }
      return pass.terms.map { ($0.name, Double($0.value.value.scalar)) }
        + [("generator", total), ("discriminator", Double(discriminatorLoss.value.scalar))]
    }
  }

  /// Adds the losses that need the discriminator to each replica's, and returns its own.
  private func addLosses(
    to passes: inout [GeneratorPass], _ real: [DiscriminatorOutput], _ fake: [DiscriminatorOutput]
  ) -> [Variable] {
    let means = globalMeans(real: real.map(\.logits), fake: fake.map(\.logits))
    return passes.indices.map { replica in
      let (real, fake, means) = (real[replica], fake[replica], means?[replica])
      passes[replica].terms += [
        (
          "adversarial", settings.adversarial,
          relativisticLoss(
            real: real.logits.detached, fake: fake.logits, realLabel: 0,
            means: means.map { ($0.real.detached, $0.fake) })
        ),
        (
          "discriminator_feature", settings.discriminatorFeature,
          discriminatorFeatureLoss(fake.localMaps, targetMaps: real.localMaps.map(\.value))
        ),
      ]
      return relativisticLoss(
        real: real.logits, fake: fake.logits, realLabel: 1, means: means)
    }
  }

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
    func seeds(
      _ pass: GeneratorPass, ofJudging: Bool
    ) -> [(output: Variable, seed: Variable?)] {
      let judging: Set = ["adversarial", "discriminator_feature"]
      return pass.terms.filter { judging.contains($0.name) == ofJudging }
        .map { ($0.value, Variable(Tensor($0.weight))) }
    }
    let fromDiscriminator = Trace.span("discriminator backward to the picture") {
      gradients(
        of: passes.flatMap { seeds($0, ofJudging: true) }, by: passes.map(\.judged),
        keepsGraph: true)
    }
    StepPhase.enter("generator-backward")
    for (pass, gradient) in zip(passes, fromDiscriminator) {
      var sources = seeds(pass, ofJudging: false)
      if let gradient { sources.append((pass.composite, gradient)) }
      try Trace.span("generator backward") {
        try handOver(of: sources, to: networks[0], replicas: 1)
      }
    }
  }

  /// Hands the gradients by a network's parameters over as backward finishes them: those by one
  /// parameter when all replicas of the graph have theirs, in the order of the replicas.
  private func handOver(
    of sources: [(output: Variable, seed: Variable?)], to network: TrainedNetwork, replicas: Int
  ) throws {
    let parameters = network.targets
    var failure: (any Error)?
    var waiting = [[Int: Tensor?]](repeating: [:], count: parameters.count)
    let targets = (0..<replicas).flatMap { replica in
      parameters.map { $0.variable(ofReplica: replica) }
    }
    gradients(of: sources, by: targets) { [networks] index, gradient in
      guard failure == nil else { return }
      let (replica, target) = index.quotientAndRemainder(dividingBy: parameters.count)
      waiting[target].updateValue(gradient?.value, forKey: replica)
      guard waiting[target].count == replicas else { return }
      do {
        for replica in 0..<replicas {
          try network.accept(waiting[target][replica] ?? nil, ofTarget: target)
        }
        waiting[target] = [:]
        // Buckets of all networks: the generator's are under way while the discriminator goes on.
        for network in networks { try network.poll() }
      } catch {
        failure = error
      }
    }
    try globalSum?.check()
    if let failure { throw failure }
  }

  private func mean(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(zip(a.elements, b.elements).map { ($0 + $1) / 2 }, shape: a.shape)
  }
}
