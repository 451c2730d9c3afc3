import Communication
import Layers
import Optimizers
import TensorCore
import Testing
import Training

@Suite struct UnusableGradientTests {
  private func network(replicas: Int) throws -> TrainedNetwork {
    TrainedNetwork(
      name: "small", module: Linear("l", 3, 2, initializer: Initializer(seed: 1)),
      channel: 0, communicator: SingleProcessCommunicator(),
      layout: try ReplicaLayout(replicas: replicas, worldSize: 1, rank: 0),
      reduction: ReductionSettings(), settings: AdamSettings(),
      schedule: LearningRateSchedule(initialRate: 1e-3))
  }

  /// Numbers that are not finite, and those whose square is not, are found at the replica that has
  /// them; larger ones than anybody trains with are not.
  @Test(arguments: [
    (Float.nan, true), (.infinity, true), (-.infinity, true), (-2e19, true), (1e18, false),
    (0, false),
  ])
  func theReplicaIsFound(value: Float, isUnusable: Bool) throws {
    let network = try network(replicas: 4)
    for _ in 1...2 {
      network.beginUpdate()
      for replica in 0..<4 {
        for (index, parameter) in network.targets.enumerated() {
          var gradient = Tensor(repeating: 0.5, shape: parameter.shape)
          if replica == 2 && index == 0 { gradient.withUnsafeMutableFloats { $0[1] = value } }
          try network.takeGradient([gradient], ofTarget: index)
        }
      }
      try network.finish()
      #expect(network.unusableReplicas == (isUnusable ? [2] : []))
    }
    // What passes gives finite parameters and moments.
    guard !isUnusable else { return }
    network.update(step: 1)
    #expect(network.firstNonFiniteTensor == nil)
  }

  /// Of a gradient in parts the sum counts, for its value and for whether it can be used.
  @Test(arguments: 0...4)
  func partsAreAdded(count: Int) throws {
    let network = try network(replicas: 1)
    for (value, isUnusable) in [(Float(0.1), false), (6e18, count > 1)] {
      network.beginUpdate()
      for (index, parameter) in network.targets.enumerated() {
        let parts = [Tensor](
          repeating: Tensor(repeating: value, shape: parameter.shape), count: count)
        try network.takeGradient(parts, ofTarget: index)
        let sum = (0..<count).reduce(Float(0)) { sum, _ in sum + value }
        #expect(network.gradients.gradient(of: index).allSatisfy { $0 == sum })
        #expect(parts.allSatisfy { $0.elements.allSatisfy { $0 == value } })
      }
      try network.finish()
      #expect(network.unusableReplicas == (isUnusable ? [0] : []))
    }
  }

  /// An activation may hide a weight that is not a number from all losses; the update sees it.
  @Test func theUpdateSeesDamagedWeights() throws {
    let network = try network(replicas: 1)
    network.update(step: 1)
    #expect(network.optimizer.parametersAreFinite)
    network.arena.values.mutablePointer[network.arena.ranges[1].lowerBound] = .nan
    network.update(step: 2)
    #expect(!network.optimizer.parametersAreFinite)
  }

  @Test func damagedStateIsNamed() throws {
    let network = try network(replicas: 1)
    #expect(network.firstNonFiniteTensor == nil)
    network.optimizer.secondMoment.withUnsafeMutableFloats {
      $0[network.arena.ranges[1].lowerBound] = .infinity
    }
    #expect(
      network.firstNonFiniteTensor == "small.\(network.arena.parameters[1].name) second moment")
  }
}
