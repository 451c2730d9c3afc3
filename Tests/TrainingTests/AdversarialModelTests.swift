import Communication
import Datasets
import Layers
import Optimizers
import Running
import TensorCore
import Testing
import Training

/// What a model promises to the trainer.
@Suite struct AdversarialModelTests {
  @Test func updatesAreDueAtMultiplesOfTheirInterval() throws {
    let model = try ScriptedModel()
    let due = (1...7).map { model.dueUpdates(at: $0) }
    #expect(due == [[0], [0], [0, 1], [0], [0], [0, 1], [0]])
    #expect(model.updateCount(of: model.networks[0], inSteps: 7) == 7 + 2)
    #expect(model.batchesPerStep == 1)
    #expect(model.lossNames(of: [0]) == ["loss", "sum"])
    #expect(model.lossNames(of: [0, 1]) == ["loss", "sum", "penalty"])
  }

  @Test func announcedLossesPass() throws {
    var reported: [String] = []
    try ScriptedModel().sumGradients([], for: 0) { reported = $0.map(\.name) }
    #expect(reported == ["loss", "sum"])
  }

  @Test(arguments: [["sum", "loss"], ["loss"], ["loss", "sum", "more"]])
  func otherLossesThanAnnouncedStopTheRun(reported: [String]) throws {
    let model = try ScriptedModel()
    model.reported = reported
    let error = #expect(throws: RunError.self) { try model.sumGradients([], for: 0) { _ in } }
    let message = "announces the losses loss, sum and reports \(reported.joined(separator: ", ")):"
    #expect(error?.message.contains(message) == true)
    #expect(error?.isShared == true)
  }

  /// The average of the parameters, and the running statistics as they are.
  @Test func theRunningAverageCarriesBuffers() throws {
    let model = try ScriptedModel()
    let network = model.networks[0]
    let copy = BatchNorm2D("norm", 3, initializer: Initializer(seed: 2))
    network.keepAverage(in: copy, decay: 0.75)
    let first = network.parameters[0].value.elements
    try model.sumGradients([], for: 0) { _ in }
    model.update(0, step: 1)
    #expect(network.buffers[0].value.elements != [0, 0, 0])
    #expect(copy.runningMean.value.elements == network.buffers[0].value.elements)
    #expect(copy.runningVariance.value.elements == network.buffers[1].value.elements)
    for (index, value) in copy.weight.value.elements.enumerated() {
      let change = network.parameters[0].value.elements[index] - first[index]
      let expected = first[index] + 0.25 * change
      #expect(abs(value - expected) < 1e-6)
    }

    network.keepState()
    let kept = copy.runningMean.value.elements
    try model.sumGradients([], for: 0) { _ in }
    model.update(0, step: 2)
    #expect(copy.runningMean.value.elements != kept)
    network.restoreState()
    #expect(copy.runningMean.value.elements == kept)
  }
}

/// A model of one batch norm whose gradients and losses are made up.
private final class ScriptedModel: AdversarialModel {
  let networks: [TrainedNetwork]
  var reported = ["loss", "sum"]
  let discriminatorWinsBelow: Double? = nil

  init() throws {
    let layout = try ReplicaLayout(replicas: 1, worldSize: 1, rank: 0)
    networks = [
      TrainedNetwork(
        name: "generator", module: BatchNorm2D("norm", 3, initializer: Initializer(seed: 1)),
        channel: 0, communicator: SingleProcessCommunicator(), layout: layout,
        reduction: ReductionSettings(), settings: AdamSettings(),
        schedule: LearningRateSchedule(initialRate: 0.1))
    ]
  }

  var updates: [ModelUpdate] {
    [
      ModelUpdate(
        name: "game", networks: networks,
        losses: [LossTerm("loss", weight: 2, .picture), LossTerm("sum", .report)]),
      ModelUpdate(
        name: "regularisation", networks: networks, losses: [LossTerm("penalty", .discriminator)],
        interval: 3),
    ]
  }

  func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws {
    let network = networks[0]
    try network.takeStatistics([
      Tensor([1, 2, 3], shape: [3]), Tensor([4, 5, 6], shape: [3]),
    ])
    for (index, parameter) in network.targets.enumerated() {
      try network.takeGradient([Tensor(repeating: 1, shape: parameter.shape)], ofTarget: index)
    }
    report(reported.map { ($0, 1) })
  }

  func makeValidation(
    on data: HeldOutData, communicator: any Communicator
  ) throws -> (any ModelValidation)? { nil }
}
