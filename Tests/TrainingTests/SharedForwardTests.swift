import Autodiff
import Communication
import Configuration
import Datasets
import Images
import Kernels
import Layers
import Losses
import Models
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

/// The step runs the discriminator once for both updates; the published order runs it twice.
@Suite struct SharedForwardTests {
  private let generator = Generator(
    GeneratorSettings(width: 4, blocks: 1), initializer: Initializer(seed: 1))
  private let discriminator = Discriminator(width: 4, side: 64, initializer: Initializer(seed: 1))
  private let settings = DMFNLossSettings()
  private let batch: ReplicaBatch

  init() {
    var random = CounterBasedRandom(test: 12)
    let holes = (0..<3).map { _ in
      RectangleMask(placement: .random, shrink: 0.25)
        .mask(for: MaskSubject(width: 64, height: 64), using: &random)
    }
    batch = ReplicaBatch(
      replica: 0, images: ReferenceTensor.random([3, 3, 64, 64], using: &random).tensor(),
      masks: Tensor(holes: holes), boxes: holes.map(\.box), sampleIndices: [0, 1, 2],
      names: ["a", "b", "c"])
  }

  @Test func givesTheBitsOfTwoPasses() throws {
    let shared = try sharedGradients()
    let separate = twoPassGradients(cutsComposite: true)
    for (network, pair) in zip(["generator", "discriminator"], zip(shared, separate)) {
      for (index, (one, two)) in zip(pair.0, pair.1).enumerated() {
        let isSame = one.map(\.bitPattern) == two.map(\.bitPattern)
        #expect(isSame, "\(network), parameter \(index)")
      }
    }
    let isAnyNonzero = shared.map { $0.joined().contains { $0 != 0 } }
    #expect(isAnyNonzero == [true, true])
  }

  /// Without the cut at the composite three gradients are added in another order: equal to rounding.
  @Test func givesTheGradientsOfAnUncutGraph() throws {
    let shared = try sharedGradients()[0]
    let uncut = twoPassGradients(cutsComposite: false)[0]
    let largest = shared.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
    for (one, two) in zip(shared, uncut) {
      let difference = zip(one, two).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference <= 1e-5 * largest)
    }
  }

  /// The gradients that the model hands over, by network and parameter.
  private func sharedGradients() throws -> [[[Float]]] {
    let layout = try ReplicaLayout(replicas: 1, worldSize: 1, rank: 0)
    let model = DMFNModel(
      generator: generator, discriminator: discriminator, features: nil, losses: settings
    ) { name, module, channel in
      TrainedNetwork(
        name: name, module: module, channel: channel, communicator: SingleProcessCommunicator(),
        layout: layout, reduction: ReductionSettings(), settings: AdamSettings(),
        schedule: LearningRateSchedule(initialRate: 2e-4))
    }
    try model.sumGradients([batch]) { _ in }
    return model.networks.map { network in
      let byName = Dictionary(
        uniqueKeysWithValues: zip(network.arena.parameters.map(\.name), network.arena.ranges))
      return network.parameters.map { parameter in
        byName[parameter.name].map { Array(network.gradients.gradients[$0]) } ?? []
      }
    }
  }

  /// A pass for the generator with a discriminator forward of its own, then a second forward on the
  /// same composite for the discriminator.
  private func twoPassGradients(cutsComposite: Bool) -> [[[Float]]] {
    let composite = generator.composite(images: batch.images, holes: batch.masks).composite
    let judged = cutsComposite ? Variable.leaf(composite.value) : composite
    let (real, fake) = judge(judged)
    let adversarial = relativisticLoss(
      real: real.logits.detached, fake: fake.logits, realLabel: 0)
    let matching = discriminatorFeatureLoss(
      fake.localMaps, targetMaps: real.localMaps.map(\.value))
    let judging: [(output: Variable, seed: Variable?)] = [
      (adversarial, Variable(Tensor(Float(settings.weights.adversarial)))),
      (matching, Variable(Tensor(Float(settings.weights.discriminatorFeature)))),
    ]
    let pixel = (
      output: pixelLoss(composite, target: batch.images),
      seed: Optional(Variable(Tensor(Float(settings.weights.pixel))))
    )
    var sources = [pixel]
    if cutsComposite {
      sources.append((composite, gradients(of: judging, by: [judged])[0]))
    } else {
      sources += judging
    }
    let ofGenerator = gradients(of: sources, by: generator.parameters.map(\.variable))

    let again = judge(Variable(composite.value))
    let loss = relativisticLoss(real: again.real.logits, fake: again.fake.logits, realLabel: 1)
    let ofDiscriminator = gradients(of: loss, by: discriminator.parameters.map(\.variable))
    return [
      elements(ofGenerator, generator.parameters),
      elements(ofDiscriminator, discriminator.parameters),
    ]
  }

  private func judge(_ composite: Variable) -> (
    real: DiscriminatorOutput, fake: DiscriminatorOutput
  ) {
    let windows = CropWindows(
      tops: batch.boxes.map(\.top), lefts: batch.boxes.map(\.left), height: 32, width: 32)
    var statistics: [Tensor] = []
    let real = discriminator(
      local: Variable(batch.images.cropped(to: windows)), whole: Variable(batch.images),
      statistics: &statistics)
    let fake = discriminator(
      local: composite.cropped(to: windows), whole: composite, statistics: &statistics)
    return (real, fake)
  }

  private func elements(_ gradients: [Variable?], _ parameters: [Parameter]) -> [[Float]] {
    zip(gradients, parameters).map { gradient, parameter in
      gradient?.value.converted(to: .plain).elements
        ?? Array(repeating: 0, count: parameter.shape.elementCount)
    }
  }
}
