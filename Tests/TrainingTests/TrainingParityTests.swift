import Communication
import Datasets
import Images
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
        let batches = try fixture.batches(step: step)
        var losses: [LossTerms] = []
        if step == 1 {
          for (replica, batch) in batches.enumerated() {
            let filled = model.fill(images: batch.images, holes: batch.masks)
            fixture.expectMatches(filled.composite, "out.step1.replica\(replica).composite")
          }
        }
        try model.sumGradients(batches) { losses.append($0) }
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
    for network in model.networks {
      for parameter in network.parameters {
        parameter.setElements(
          try fixture.tensor("param.\(network.name).\(parameter.name)").elements)
      }
    }
    return model
  }
}

extension Fixture {
  fileprivate func batches(step: Int) throws -> [ReplicaBatch] {
    try (0..<settings.integer("replicas")).map { replica in
      let prefix = "in.step\(step).replica\(replica)"
      let images = try tensor("\(prefix).image")
      let boxes = try tensor("\(prefix).boxes").elements.map { Int($0) }
      return ReplicaBatch(
        replica: replica, images: images, masks: try tensor("\(prefix).mask"),
        boxes: stride(from: 0, to: boxes.count, by: 4).map {
          Rectangle(
            top: boxes[$0], left: boxes[$0 + 1], height: boxes[$0 + 2], width: boxes[$0 + 3])
        }, sampleIndices: Array(0..<images.shape[0]),
        names: Array(repeating: "fixture", count: images.shape[0]))
    }
  }

  /// Compares the mean losses of a step with the log that PyTorch wrote.
  fileprivate func expectLosses(_ replicas: [LossTerms], step: Int) throws {
    let expected = try settings.objects("log")[step - 1]
    let rounding = try settings.objects("log_float32_error")[step - 1]
    #expect(Set(replicas[0].map(\.name)) == Set(expected.keys))
    for (index, loss) in replicas[0].enumerated() {
      let mean = replicas.reduce(0) { $0 + $1[index].value } / Double(replicas.count)
      let value = try expected.number(loss.name)
      let bound = max(1e-4, 4 * (try rounding.number(loss.name)))
      #expect(
        abs(mean - value) <= bound * max(abs(value), 1e-12),
        "\(name), step \(step), \(loss.name): \(mean), expected \(value)")
    }
  }

  fileprivate func expectGradients(of network: TrainedNetwork, replicas: Int) {
    for (parameter, range) in zip(network.arena.parameters, network.arena.ranges) {
      let mean = network.gradients.gradients[range].map { $0 / Float(replicas) }
      expectMatches(
        Tensor(mean, shape: parameter.shape), "grad.\(network.name).\(parameter.name)")
    }
  }

  fileprivate func expectParameters(of network: TrainedNetwork, after step: Int) {
    for parameter in network.parameters {
      let name = "after\(step).\(network.name).\(parameter.name)"
      if !isCancelled(name) { expectMatches(parameter.value, name) }
    }
  }
}
