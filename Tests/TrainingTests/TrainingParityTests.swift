import Communication
import Datasets
import Kernels
import Layers
import Models
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

/// Whole training steps against PyTorch: losses, gradients and parameters after one and three steps.
@Suite struct TrainingParityTests {
  @Test(
    arguments: ["training_paper", "training_released"],
    [ConvolutionBackend.automatic, .library, .columns])
  func threeSteps(_ name: String, _ backend: ConvolutionBackend) throws {
    try ConvolutionBackend.$current.withValue(backend) {
      let fixture = try Fixture(name)
      let model = try makeModel(fixture)
      for step in 1...3 {
        let batches = try (0..<fixture.settings.integer("replicas")).map {
          try fixture.batch(replica: $0, below: "in.step\(step)")
        }
        var losses: [LossTerms] = []
        if step == 1 {
          for (replica, batch) in batches.enumerated() {
            let filled = model.fill(images: batch.images, holes: batch.masks)
            fixture.expectMatches(filled.composite, "out.step1.replica\(replica).composite")
          }
        }
        try model.sumGradients(batches) { losses.append($0.filter(isPublished)) }
        #expect(
          try Set(losses[0].map(\.name)) == Set(fixture.settings.objects("log")[step - 1].keys))
        try fixture.expectLosses(losses, step: step)
        for network in model.networks {
          if step == 1 { fixture.expectGradients(of: network, replicas: batches.count) }
          network.update(step: step)
          if step != 2 { fixture.expectParameters(of: network, after: step) }
        }
      }
    }
  }

  private func makeModel(_ fixture: Fixture) throws -> DMFNModel {
    let settings = fixture.settings
    let kind = try #require(FusionBlockKind(rawValue: settings.string("variant")))
    let generator = Generator(
      GeneratorSettings(
        width: try settings.integer("nf"), blocks: try settings.integer("blocks"), block: kind),
      initializer: Initializer(seed: 0))
    let discriminator = Discriminator(
      width: try settings.integer("nf"), side: try settings.integer("side"),
      initializer: Initializer(seed: 0))
    let features = VGG19(
      weights: try fixture.tensors(prefix: "param.vgg."), normalization: .exact)
    let layout = try ReplicaLayout(
      replicas: try settings.integer("replicas"), worldSize: 1, rank: 0)
    let model = DMFNModel(
      generator: generator, discriminator: discriminator, features: features,
      losses: DMFNLossSettings()
    ) { name, module, channel in
      TrainedNetwork(
        name: name, module: module, channel: channel, communicator: SingleProcessCommunicator(),
        layout: layout, reduction: ReductionSettings(), settings: AdamSettings(),
        schedule: LearningRateSchedule(initialRate: 2e-4))
    }
    try fixture.load(into: model.networks)
    return model
  }
}
