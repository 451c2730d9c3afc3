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
  private let discriminator: Discriminator
  private let pictureLosses: PictureLosses
  private var settings: DMFNLossSettings { pictureLosses.settings }

  /// Prepares the networks for training.
  ///
  /// - Parameters:
  ///   - generator: The generator.
  ///   - discriminator: The discriminator.
  ///   - features: VGG-19 for the perceptual losses; nil trains without them.
  ///   - losses: Which losses, and their weights.
  ///   - train: Prepares a network, given its name and number.
  package init(
    generator: Generator, discriminator: Discriminator, features: VGG19?,
    losses: DMFNLossSettings, train: (String, any Module, Int) -> TrainedNetwork
  ) {
    self.generator = generator
    self.discriminator = discriminator
    pictureLosses = PictureLosses(settings: losses, features: features)
    networks = [train("generator", generator, 0), train("discriminator", discriminator, 1)]
  }

  package var lossNames: [String] {
    let mapCount = pictureLosses.features?.mapCount ?? 0
    return ["pixel"] + (mapCount > 0 ? ["feature"] : [])
      + (mapCount > settings.alignmentLayer ? ["alignment"] : [])
      + ["adversarial", "discriminator_feature", "generator", "discriminator"]
  }

  package func fill(images: Tensor, holes: Tensor) -> FilledPictures {
    generator.fill(images: images, holes: holes)
  }

  /// One replica's step.
  ///
  /// The discriminator sees target and composite once: both updates start from the same weights and
  /// pictures, so that one forward pass serves the generator's loss and its own, with exactly the
  /// numbers that two passes would give.
  package func computeGradients(of batch: ReplicaBatch) throws -> LossTerms {
    StepPhase.enter("generator-forward")
    let composite = Trace.span("generator forward") {
      generator.composite(images: batch.images, holes: batch.masks).composite
    }
    var terms = Trace.span("losses") { pictureLosses.terms(composite, target: batch.images) }

    StepPhase.enter("discriminator-forward")
    // The discriminator's own graph starts at a leaf, so that each backward pass sees its part only.
    let judged = Variable.leaf(composite.value)
    let windows = CropWindows(
      tops: batch.boxes.map(\.top), lefts: batch.boxes.map(\.left), height: discriminator.side / 2,
      width: discriminator.side / 2)
    var statistics = (real: [Tensor](), fake: [Tensor]())
    let (real, fake) = Trace.span("discriminator forward") {
      (
        discriminator(
          local: Variable(batch.images.cropped(to: windows)), whole: Variable(batch.images),
          statistics: &statistics.real),
        discriminator(
          local: judged.cropped(to: windows), whole: judged, statistics: &statistics.fake)
      )
    }
    let discriminatorLoss = Trace.span("losses") {
      terms.append(
        (
          "adversarial", settings.adversarial,
          relativisticLoss(real: real.logits.detached, fake: fake.logits, realLabel: 0)
        ))
      terms.append(
        (
          "discriminator_feature", settings.discriminatorFeature,
          discriminatorFeatureLoss(fake.localMaps, targetMaps: real.localMaps.map(\.value))
        ))
      return relativisticLoss(real: real.logits, fake: fake.logits, realLabel: 1)
    }

    StepPhase.enter("generator-backward")
    try differentiate(terms, composite: composite, judged: judged)
    StepPhase.enter("discriminator-backward")
    try networks[1].accept(
      statistics: zip(statistics.real, statistics.fake).map { mean($0, $1) })
    try Trace.span("discriminator backward") {
      try handOver(of: [(discriminatorLoss, nil)], to: networks[1])
    }
    let total = terms.reduce(0) { $0 + Double($1.weight) * Double($1.value.value.scalar) }
    return terms.map { ($0.name, Double($0.value.value.scalar)) }
      + [("generator", total), ("discriminator", Double(discriminatorLoss.value.scalar))]
  }

  /// The generator's gradients: what the discriminator says of the composite flows in where the
  /// composite was cut off from it.
  private func differentiate(
    _ terms: [(name: String, weight: Float, value: Variable)], composite: Variable,
    judged: Variable
  ) throws {
    func seeds(_ names: Set<String>, inside: Bool) -> [(output: Variable, seed: Variable?)] {
      terms.filter { names.contains($0.name) == inside }
        .map { ($0.value, Variable(Tensor($0.weight))) }
    }
    let judging: Set = ["adversarial", "discriminator_feature"]
    let fromDiscriminator = Trace.span("discriminator backward to the picture") {
      gradients(of: seeds(judging, inside: true), by: [judged], keepsGraph: true)
    }
    var sources = seeds(judging, inside: false)
    if let gradient = fromDiscriminator[0] { sources.append((composite, gradient)) }
    try Trace.span("generator backward") { try handOver(of: sources, to: networks[0]) }
  }

  private func handOver(
    of sources: [(output: Variable, seed: Variable?)], to network: TrainedNetwork
  ) throws {
    var failure: (any Error)?
    gradients(of: sources, by: network.targets.map(\.variable)) { target, gradient in
      guard failure == nil else { return }
      do {
        try network.accept(gradient?.value, ofTarget: target)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func mean(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(zip(a.elements, b.elements).map { ($0 + $1) / 2 }, shape: a.shape)
  }
}

extension Generator {
  /// Fills holes without recording.
  package func fill(images: Tensor, holes: Tensor) -> FilledPictures {
    Recording.off {
      let (generated, composite) = composite(images: images, holes: holes)
      return FilledPictures(
        generated: generated.value.converted(to: .plain), composite: composite.value)
    }
  }
}
