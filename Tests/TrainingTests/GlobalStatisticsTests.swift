import Checkpoints
import Communication
import Datasets
import Foundation
import Images
import Layers
import Models
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

/// Replicas that share batch statistics and relativistic means compute the step of one whole batch.
@Suite struct GlobalStatisticsTests {
  private let fixture: Fixture

  init() throws {
    let tests = (0..<2).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
      url.deletingLastPathComponent()
    }
    fixture = try Fixture(
      "training_global", in: tests.appendingPathComponent("Fixtures/global").path)
  }

  @Test(arguments: [1, 2, 4])
  func anyNumberOfReplicasGivesTheStepOfPyTorch(replicas: Int) throws {
    let (model, losses) = try step(replicas: replicas, isGlobal: true)
    let expected = try #require(try fixture.settings.objects("log").first)
    let rounding = try #require(try fixture.settings.objects("log_float32_error").first)
    for (name, value) in losses where isPublished((name, value)) {
      let number = try expected.number(name)
      let bound = max(1e-5, 4 * (try rounding.number(name)))
      #expect(abs(value - number) <= bound * abs(number), "\(name): \(value), not \(number)")
    }
    for (name, gradient) in gradients(of: model, replicas: replicas) {
      fixture.expectMatches(gradient, name)
    }
  }

  /// The negative control: the checks see statistics of a part of the batch.
  @Test(arguments: [2, 4])
  func statisticsOfAReplicaDiffer(replicas: Int) throws {
    let (model, losses) = try step(replicas: replicas, isGlobal: false)
    let expected = try #require(try fixture.settings.objects("log").first)
    let value = try #require(losses.first { $0.name == "discriminator" }?.value)
    #expect(abs(value - (try expected.number("discriminator"))) > 1e-3)
    let wrong = gradients(of: model, replicas: replicas).filter { name, gradient in
      !fixture.isCancelled(name) && fixture.problem(gradient, name) != nil
    }
    #expect(wrong.count > 20, "\(wrong.count) gradients differ")
  }

  /// Running means move by the statistics of the whole batch: once, by the mean of real and fake.
  @Test func runningStatisticsAreThoseOfTheWholeBatch() throws {
    func buffers(replicas: Int, isGlobal: Bool) throws -> [Tensor] {
      let (model, _) = try step(replicas: replicas, isGlobal: isGlobal)
      for network in model.networks { network.update(step: 1) }
      return model.networks[1].buffers.map(\.value)
    }
    let whole = try buffers(replicas: 1, isGlobal: false)
    let shared = try buffers(replicas: 4, isGlobal: true)
    for (shared, whole) in zip(shared, whole) { expectClose(shared, whole, .normwise(1e-5)) }
    let separate = try buffers(replicas: 4, isGlobal: false)
    let differ = zip(separate, whole).contains { discrepancy($0, $1, .normwise(1e-3)) != nil }
    #expect(differ)
  }

  /// One step of the fixture's batch, shared out among replicas of one rank.
  private func step(replicas: Int, isGlobal: Bool) throws -> (model: DMFNModel, losses: LossTerms) {
    let communicator = SingleProcessCommunicator()
    let layout = try ReplicaLayout(replicas: replicas, worldSize: 1, rank: 0)
    let settings = fixture.settings
    let kind = try #require(FusionBlockKind(rawValue: settings.string("variant")))
    let model = DMFNModel(
      generator: Generator(
        GeneratorSettings(
          width: try settings.integer("nf"), blocks: try settings.integer("blocks"), block: kind),
        initializer: Initializer(seed: 0)),
      discriminator: Discriminator(
        width: try settings.integer("nf"), side: try settings.integer("side"),
        initializer: Initializer(seed: 0)),
      features: nil, losses: DMFNLossSettings(),
      globalSum: isGlobal ? GlobalBatchSum(communicator: communicator, layout: layout) : nil
    ) { name, module, channel in
      TrainedNetwork(
        name: name, module: module, channel: channel, communicator: communicator, layout: layout,
        reduction: ReductionSettings(), settings: AdamSettings(),
        schedule: LearningRateSchedule(initialRate: 2e-4))
    }
    for network in model.networks {
      for parameter in network.parameters {
        parameter.setElements(
          try fixture.tensor("param.\(network.name).\(parameter.name)").elements)
      }
    }
    var losses: [LossTerms] = []
    try model.sumGradients(try batches(replicas)) { losses.append($0) }
    let means = model.lossNames(of: [0]).map { name in
      (
        name: name,
        value: losses.reduce(0) { sum, terms in
          sum + (terms.first { $0.name == name }?.value ?? .nan)
        } / Double(losses.count)
      )
    }
    return (model, means)
  }

  private func batches(_ replicas: Int) throws -> [ReplicaBatch] {
    let images = try fixture.tensor("in.step1.replica0.image")
    let masks = try fixture.tensor("in.step1.replica0.mask")
    let boxes = try fixture.tensor("in.step1.replica0.boxes").elements.map { Int($0) }
    let count = images.shape[0] / replicas
    return (0..<replicas).map { replica in
      let pictures = Array(replica * count..<(replica + 1) * count)
      func part(_ tensor: Tensor) -> Tensor {
        let size = tensor.shape.elementCount / tensor.shape[0]
        return Tensor(
          Array(tensor.elements[pictures[0] * size..<(pictures[0] + count) * size]),
          shape: Shape([count] + tensor.shape.dimensions.dropFirst()))
      }
      return ReplicaBatch(
        replica: replica, images: part(images), masks: part(masks),
        boxes: pictures.map {
          Rectangle(
            top: boxes[4 * $0], left: boxes[4 * $0 + 1], height: boxes[4 * $0 + 2],
            width: boxes[4 * $0 + 3])
        }, sampleIndices: pictures, names: pictures.map { "picture \($0)" })
    }
  }

  /// The gradients of the batch's mean losses by the names of the fixture.
  private func gradients(of model: DMFNModel, replicas: Int) -> [(name: String, Tensor)] {
    model.networks.flatMap { network in
      zip(network.arena.parameters, network.arena.ranges).map { parameter, range in
        let mean = network.gradients.gradients[range].map { $0 / Float(replicas) }
        return (
          "grad.\(network.name).\(parameter.name)", Tensor(mean, shape: parameter.shape)
        )
      }
    }
  }
}

extension CommandTests {
  /// The same over ranks, as a user starts them.
  @Suite struct GlobalStatisticsOverRanksTests {
    private static let settings = ["--set", "training.batch_statistics=global"]

    /// Gradients, which are Adam's first moments where beta1 is 0, after one step.
    private func gradients(_ run: String, _ settings: [String], ranks: Int) throws -> Tensor {
      let arguments = settings + ["--stop-after", "1", "--set", "optimizer.beta1=0"]
      let outcome = try SmallRun.train(run, arguments, launcher: .ranks(ranks))
      #expect(outcome.status == 0, outcome.report)
      let file = try Safetensors.read("\(run)/checkpoints/step-00000001/optimizer.safetensors")
      let values = try file.names.filter { $0.hasSuffix(".first_moment") }.sorted()
        .flatMap { try file.tensor($0).floats() }
      return Tensor(values, shape: [values.count])
    }

    @Test func ranksComputeTheStepOfOneRankWithTheWholeBatch() throws {
      let folder = try TemporaryFolder()
      let oneReplica = ["--set", "training.replicas=1"]
      let whole = try gradients(folder["whole"], oneReplica, ranks: 1)
      for ranks in [1, 2, 4] {
        let shared = try gradients(folder["ranks-\(ranks)"], Self.settings, ranks: ranks)
        expectClose(shared, whole, .normwise(1e-5), "\(ranks) ranks")
      }
      let separate = try gradients(folder["separate"], [], ranks: 4)
      #expect(discrepancy(separate, whole, .normwise(1e-2)) != nil)
    }

    /// With one picture in each of eight replicas, and gradients that travel as 8 bits.
    @Test func anyNumberOfRanksGivesTheSameBits() throws {
      let folder = try TemporaryFolder()
      let settings =
        Self.settings
        + ["training.replicas=8", "training.wire_format=int8"].flatMap { ["--set", $0] }
        + ["--stop-after", "6"]
      let records = try [1, 2, 4, 8].map { ranks in
        let outcome = try SmallRun.train(
          folder["ranks-\(ranks)"], settings, launcher: .ranks(ranks))
        #expect(outcome.status == 0, outcome.report)
        return try RunRecord(folder["ranks-\(ranks)"])
      }
      for record in records.dropFirst() { #expect(record == records[0]) }
    }
  }
}
