import Autodiff
import Communication
import Datasets
import Kernels
import Layers
import Losses
import Models
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

/// DeepFill's losses, penalty and whole steps against PyTorch.
@Suite struct DeepFillTrainingParityTests {
  private func fixture(_ name: String) throws -> Fixture {
    try Fixture(name, in: Fixture.directory(of: "deepfill", holding: name))
  }

  @Test func losses() throws {
    let fixture = try Fixture(
      "losses", in: Fixture.directory(of: "deepfill", holding: "penalty_tf"))
    let output = Variable.leaf(try fixture.tensor("in.output"))
    let (target, mask) = (try fixture.tensor("in.target"), try fixture.tensor("in.mask"))
    let map = discountMap(height: target.shape[2], width: target.shape[3], discount: 0.9)
    fixture.expectMatches(
      map.reshaped(to: [target.shape[2], target.shape[3]]), "out.discount_map")
    for (name, loss) in [
      ("discounted_l1", discountedL1(output, target: target, discount: 0.9)),
      ("known_l1", knownL1(output, target: target, holes: mask)),
    ] {
      fixture.expectMatches(loss.value.reshaped(to: [1]), "out.\(name)")
      let gradient = try #require(gradients(of: loss, by: [output])[0])
      fixture.expectMatches(gradient.value, "grad.\(name).output")
    }
  }

  /// Second derivatives of the local critic.
  @Test(arguments: DeepFillConvention.allCases, [ConvolutionBackend.automatic, .library, .columns])
  func penalty(_ convention: DeepFillConvention, _ backend: ConvolutionBackend) throws {
    try ConvolutionBackend.$current.withValue(backend) {
      let fixture = try fixture("penalty_\(convention.rawValue)")
      let width = try fixture.settings.integer("width")
      let real = try fixture.tensor("in.real")
      let critic = DeepFillCritic(
        "localD", side: real.shape[2], lastChannels: (convention == .tf ? 8 : 4) * width,
        convention: convention, width: width, initializer: Initializer(seed: 0))
      let names = critic.parameters.map { String($0.name.dropFirst("localD.".count)) }
      for (parameter, name) in zip(critic.parameters, names) {
        parameter.setElements(try fixture.tensor("param.\(name)").elements)
      }
      let penalty = gradientPenalty(
        real: real, fake: try fixture.tensor("in.fake"),
        positions: try fixture.tensor("in.factors").elements, holes: try fixture.tensor("in.mask")
      ) { critic($0) }
      fixture.expectMatches(penalty.value.reshaped(to: [1]), "out.penalty")
      let results = gradients(of: penalty, by: critic.parameters.map(\.variable))
      for ((name, parameter), gradient) in zip(zip(names, critic.parameters), results) {
        let value = gradient?.value ?? Tensor(repeating: 0, shape: parameter.shape)
        fixture.expectMatches(value, "grad.\(name)")
      }
    }
  }

  @Test(arguments: [ConvolutionBackend.automatic, .library, .columns])
  func steps(_ backend: ConvolutionBackend) throws {
    try ConvolutionBackend.$current.withValue(backend) {
      let fixture = try fixture("training_tf")
      let settings = fixture.settings
      let model = try makeModel(fixture)
      let replicas = try settings.integer("replicas")
      let last = try settings.integer("steps")
      for step in 1...last {
        for (index, update) in model.updates.enumerated() {
          let isGenerator = index == model.updates.count - 1
          let batches = try (0..<replicas).map { replica in
            try fixture.batch(
              replica: replica,
              below: "in.step\(step).\(isGenerator ? "generator" : "critic\(index + 1)")",
              number: (step - 1) * model.updates.count + index)
          }
          if isGenerator, step == 1 {
            for (replica, batch) in batches.enumerated() {
              let filled = model.fill(images: batch.images, holes: batch.masks)
              fixture.expectMatches(filled.composite, "out.step1.replica\(replica).composite")
            }
          }
          var losses: [LossTerms] = []
          try model.sumGradients(batches, for: index) { losses.append($0) }
          #expect(losses[0].map(\.name) == update.lossNames)
          // The log has the critics' losses of their last update.
          let isLogged = index >= model.updates.count - 2
          if isLogged { try fixture.expectLosses(losses, step: step) }
          if isLogged, step == 1 {
            fixture.expectGradients(of: update.networks[0], replicas: replicas)
          }
          model.update(index, step: step)
        }
        for network in model.networks where step == 1 || step == last {
          fixture.expectParameters(of: network, after: step)
        }
      }
      let names = model.lossNames(of: model.updates.indices)
      #expect(Set(names) == Set(try settings.objects("log")[0].keys))
    }
  }

  private func makeModel(_ fixture: Fixture) throws -> DeepFillModel {
    let settings = fixture.settings
    let convention = try #require(DeepFillConvention(rawValue: settings.string("compat")))
    let (width, side) = (try settings.integer("width"), try settings.integer("side"))
    let initializer = Initializer(seed: 0)
    var training = DeepFillTraining()
    training.convention = convention
    training.criticUpdates = try settings.integer("critic_updates")
    let updates = training.criticUpdates + 1
    let layout = try ReplicaLayout(
      replicas: try settings.integer("replicas"), worldSize: 1, rank: 0)
    let rate = try settings.number("learning_rate")
    let model = DeepFillModel(
      generator: DeepFillGenerator(
        DeepFillGeneratorSettings(width: width, convention: convention), initializer: initializer),
      critics: DeepFillCritics(
        side: side, boxSide: side / 2, convention: convention, width: width,
        initializer: initializer),
      settings: training,
      penaltyPositions: { batch in
        let (step, index) = batch.number.quotientAndRemainder(dividingBy: updates)
        let name = "in.step\(step + 1).critic\(index + 1).replica\(batch.replica).factors"
        let factors = (try? fixture.tensor(name).elements) ?? []
        return [Array(factors.prefix(factors.count / 2)), Array(factors.suffix(factors.count / 2))]
      }
    ) { name, module, channel in
      TrainedNetwork(
        name: name, module: module, channel: channel, communicator: SingleProcessCommunicator(),
        layout: layout, reduction: ReductionSettings(),
        settings: AdamSettings(learningRate: rate, beta1: 0.5, beta2: 0.9, epsilon: 1e-8),
        schedule: LearningRateSchedule(initialRate: rate))
    }
    try fixture.load(into: model.networks)
    return model
  }
}
