import Communication
import Datasets
import GeneratorFiles
import Images
import Kernels
import Layers
import Models
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

/// DCGAN's steps, and a file of pytorch/examples, against PyTorch: Tests/Comparisons/dcgan_fixtures.py.
@Suite struct DCGANParityTests {
  private func fixture(_ name: String) throws -> Fixture {
    try Fixture(name, in: Fixture.directory(of: "dcgan", holding: name))
  }

  /// Three steps of one replica, and of two with an odd number of pictures each.
  @Test(
    arguments: ["training_1", "training_2"], [ConvolutionBackend.automatic, .library, .columns])
  func threeSteps(_ name: String, _ backend: ConvolutionBackend) throws {
    try ConvolutionBackend.$current.withValue(backend) {
      let fixture = try fixture(name)
      let model = try makeModel(fixture)
      let replicas = try fixture.settings.integer("replicas")
      for step in 1...3 {
        let batches = try (0..<replicas).map { try batch(of: fixture, step: step, replica: $0) }
        var losses: [LossTerms] = Array(repeating: [], count: replicas)
        for (index, update) in model.updates.enumerated() {
          var replica = 0
          try model.sumGradients(batches, for: index) {
            losses[replica] += $0
            replica += 1
          }
          if step == 1 {
            fixture.expectGradients(of: update.networks[0], replicas: replicas)
          }
          model.update(index, step: step)
        }
        try fixture.expectLosses(losses, step: step)
        guard step != 2 else { continue }
        for network in model.networks {
          fixture.expectParameters(of: network, after: step)
          for buffer in network.buffers {
            fixture.expectMatches(buffer.value, "after\(step).\(network.name).\(buffer.name)")
          }
        }
      }
    }
  }

  /// The generator's own update starts from the pictures that the discriminator's has made; alone it
  /// makes them itself, and the gradients are the same bits.
  @Test func theGeneratorsUpdateMayStandAlone() throws {
    let fixture = try fixture("training_2")
    var gradients: [[Float]] = []
    for makesBoth in [true, false] {
      let model = try makeModel(fixture)
      let batches = try (0..<2).map { try batch(of: fixture, step: 1, replica: $0) }
      if makesBoth { try model.sumGradients(batches, for: 0) { _ in } }
      try model.sumGradients(batches, for: 1) { _ in }
      gradients.append(Array(model.networks[0].gradients.gradients))
    }
    #expect(gradients[0] == gradients[1])
  }

  @Test func aPublishedFileMakesTheSamePictures() throws {
    let fixture = try fixture("sample")
    let folder = Fixture.directory(of: "dcgan", holding: "sample")
    let generator = try readLatentGenerator("\(folder)/netG_epoch_0.pth")
    #expect(generator.latentCount == 6 && generator.side == 64)
    #expect(
      generator.exportedFacts.map { "\($0.key) \($0.value)" } == [
        "model.kind dcgan", "model.width 2", "model.latent 6", "data.side 64",
      ])
    fixture.expectMatches(generator.inferred(try fixture.tensor("in.latent")), "out.image")
  }

  private func batch(of fixture: Fixture, step: Int, replica: Int) throws -> ReplicaBatch {
    let images = try fixture.tensor("in.step\(step).replica\(replica).image")
    let count = images.shape[0]
    return ReplicaBatch(
      replica: replica, number: step - 1, images: images,
      masks: Tensor(repeating: 0, shape: [count, 1, images.shape[2], images.shape[3]]),
      boxes: [], sampleIndices: Array(0..<count), names: Array(repeating: "fixture", count: count))
  }

  private func makeModel(_ fixture: Fixture) throws -> DCGANModel {
    let settings = fixture.settings
    let size = DCGANSettings(
      width: try settings.integer("width"), latent: try settings.integer("latent"),
      side: try settings.integer("side"))
    let layout = try ReplicaLayout(
      replicas: try settings.integer("replicas"), worldSize: 1, rank: 0)
    let rate = try settings.number("learning_rate")
    let model = DCGANModel(
      generator: DCGANGenerator(size, initializer: Initializer(seed: 0)),
      discriminator: DCGANDiscriminator(size, initializer: Initializer(seed: 0)), seed: 1,
      latents: { batch in
        let name = "in.step\(batch.number + 1).replica\(batch.replica).latent"
        return (try? fixture.tensor(name)) ?? Tensor(repeating: .nan, shape: [1, size.latent])
      }
    ) { name, module, channel in
      TrainedNetwork(
        name: name, module: module, channel: channel, communicator: SingleProcessCommunicator(),
        layout: layout, reduction: ReductionSettings(),
        settings: AdamSettings(learningRate: rate, beta1: 0.5, beta2: 0.999, epsilon: 1e-8),
        schedule: LearningRateSchedule(initialRate: rate))
    }
    try fixture.load(into: model.networks)
    return model
  }
}
