import Autodiff
package import Communication
package import Datasets
package import Layers
import Losses
package import Models
package import TensorCore
import Tracing

/// DCGAN: a generator of pictures from latent vectors, and its discriminator.
///
/// A step updates the discriminator, then the generator, both on one batch and the same vectors. Real
/// pictures and fakes go through the discriminator in passes of their own, each with its own statistics.
///
/// - Reference: Radford et al. 2016, arXiv 1511.06434; docs/models/dcgan.md.
package final class DCGANModel: AdversarialModel {
  package let networks: [TrainedNetwork]
  private let generator: DCGANGenerator
  /// The generator that is scored and shown.
  private let shown: DCGANGenerator
  private let discriminator: DCGANDiscriminator
  private let seed: UInt64
  private let latents: (ReplicaBatch) -> Tensor
  private let adversarial: AdversarialSettings
  private let adversarialTerm: LossTerm
  private let realTerm = LossTerm("discriminator_real", .discriminator)
  private let fakeTerm = LossTerm("discriminator_fake", .discriminator)
  /// The sum of the two.
  private let discriminatorTerm = LossTerm("discriminator", .report)
  /// The weighted loss of the generator.
  private let generatorTerm = LossTerm("generator", .report)

  /// What the generator has made of each replica's vectors for the discriminator's update: the
  /// generator's own update starts from there, as its weights are still the same.
  private var passes: [Int: GeneratorPass] = [:]

  private struct GeneratorPass {
    let pictures: Variable
    let statistics: [Tensor]
  }

  /// Prepares the networks for training.
  ///
  /// - Parameters:
  ///   - generator: The generator.
  ///   - averaged: The generator for the running average of the weights; nil keeps none.
  ///   - discriminator: The discriminator.
  ///   - weight: The weight of the generator's loss.
  ///   - adversarial: What keeps the game alive.
  ///   - seed: Chooses the vectors that are scored and shown.
  ///   - latents: The vectors of a batch, [N, latent].
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: DCGANGenerator, averaged: (generator: DCGANGenerator, decay: AverageDecay)? = nil,
    discriminator: DCGANDiscriminator, weight: Float = 1,
    adversarial: AdversarialSettings = AdversarialSettings(), seed: UInt64,
    latents: @escaping (ReplicaBatch) -> Tensor, train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    shown = averaged?.generator ?? generator
    self.discriminator = discriminator
    self.seed = seed
    self.latents = latents
    self.adversarial = adversarial
    adversarialTerm = LossTerm("adversarial", weight: weight, .judgement)
    networks = [train("generator", generator, 0), train("discriminator", discriminator, 1)]
    if let averaged { networks[0].keepAverage(in: averaged.generator, decay: averaged.decay) }
  }

  package var updates: [ModelUpdate] {
    [
      ModelUpdate(
        name: "discriminator", networks: [networks[1]],
        losses: [realTerm, fakeTerm, discriminatorTerm]),
      ModelUpdate(
        name: "generator", networks: [networks[0]], losses: [adversarialTerm, generatorTerm]),
    ]
      + (adversarial.r1Term.map {
        [
          ModelUpdate(
            name: "slope of the discriminator", networks: [networks[1]], losses: [$0],
            interval: adversarial.r1Every)
        ]
      } ?? [])
  }

  /// A draw is 1.39.
  package var discriminatorWinsBelow: Double? { 0.05 }

  package func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws {
    for batch in batches {
      let terms = try Trace.span("replica \(batch.replica)") {
        switch update {
        case 0: try computeDiscriminatorGradients(of: batch)
        case 1: try computeGeneratorGradients(of: batch)
        default: try computeSlopeGradients(of: batch)
        }
      }
      report(terms)
    }
  }

  package func makeValidation(
    on data: HeldOutData, communicator: any Communicator
  ) throws -> (any ModelValidation)? {
    try LatentValidation(of: shown, on: data, seed: seed, communicator: communicator)
  }

  /// What the discriminator says of a batch's originals or fakes: the only place where it sees any.
  private func judge(
    _ pictures: Variable, of batch: ReplicaBatch, by network: DCGANDiscriminator? = nil,
    statistics: inout [Tensor]
  ) -> Variable {
    let seen = adversarial.augmentation.map { $0.drawn(for: batch)(pictures) } ?? pictures
    return (network ?? discriminator)(seen, statistics: &statistics)
  }

  private func generatorPass(_ batch: ReplicaBatch) -> GeneratorPass {
    StepPhase.enter("generator-forward")
    return Trace.span("generator forward") {
      var statistics: [Tensor] = []
      let pictures = generator(latents(batch), statistics: &statistics)
      return GeneratorPass(pictures: pictures, statistics: statistics)
    }
  }

  private func computeDiscriminatorGradients(of batch: ReplicaBatch) throws -> LossTerms {
    let pass = generatorPass(batch)
    passes[batch.replica] = pass
    StepPhase.enter("discriminator-forward")
    var statistics = (real: [Tensor](), fake: [Tensor]())
    let losses = Trace.span("discriminator forward") {
      let real = judge(Variable(batch.images), of: batch, statistics: &statistics.real)
      let fake = judge(pass.pictures.detached, of: batch, statistics: &statistics.fake)
      return [
        LossValue(term: realTerm, value: crossEntropyLoss(real, isReal: true)),
        LossValue(term: fakeTerm, value: crossEntropyLoss(fake, isReal: false)),
      ]
    }
    StepPhase.enter("discriminator-backward")
    try networks[1].takeStatistics(zip(statistics.real, statistics.fake).map { mean($0, $1) })
    try Trace.span("discriminator backward") {
      try networks[1].takeGradients(of: losses.map(\.source), polling: [networks[1]])
    }
    return losses.reported + [(discriminatorTerm.name, losses.total)]
  }

  private func computeGeneratorGradients(of batch: ReplicaBatch) throws -> LossTerms {
    let pass = passes.removeValue(forKey: batch.replica) ?? generatorPass(batch)
    StepPhase.enter("discriminator-forward")
    let losses = Trace.span("discriminator forward") {
      // Its running statistics are those of its own update.
      var unused: [Tensor] = []
      let logits = judge(pass.pictures, of: batch, statistics: &unused)
      return [LossValue(term: adversarialTerm, value: crossEntropyLoss(logits, isReal: true))]
    }
    StepPhase.enter("generator-backward")
    try networks[0].takeStatistics(pass.statistics)
    try Trace.span("generator backward") {
      try networks[0].takeGradients(of: losses.map(\.source), polling: [networks[0]])
    }
    return losses.reported + [(generatorTerm.name, losses.total)]
  }

  /// The R1 update, in float32 always: the penalty is the gradient of a gradient.
  ///
  /// Running statistics stay as they are.
  private func computeSlopeGradients(of batch: ReplicaBatch) throws -> LossTerms {
    guard let term = adversarial.r1Term else { return [] }
    StepPhase.enter("discriminator-forward")
    var exact = discriminator
    exact.precision = .float32
    let penalties = Trace.span("discriminator forward") {
      slopePenalties(of: [batch.images]) { pictures in
        var unused: [Tensor] = []
        return [judge(pictures[0], of: batch, by: exact, statistics: &unused)]
      }
    }.map { LossValue(term: term, value: $0) }
    StepPhase.enter("discriminator-backward")
    try networks[1].takeStatistics(networks[1].buffers.map(\.value))
    try Trace.span("discriminator backward") {
      try networks[1].takeGradients(of: penalties.map(\.source), polling: [networks[1]])
    }
    return penalties.reported
  }

  private func mean(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(zip(a.elements, b.elements).map { ($0 + $1) / 2 }, shape: a.shape)
  }
}
