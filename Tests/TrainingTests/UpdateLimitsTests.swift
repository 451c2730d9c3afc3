import Communication
import Foundation
import Layers
import Optimizers
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct UpdateLimitsTests {
  private struct Clipping: Decodable {
    let limit: Double
    let start: Parts
    let gradients: [[Parts]]
    let norms: [Double]
    let ends: [Parts]
  }

  /// A matrix and a vector.
  private struct Parts: Decodable {
    let weight: [Float]
    let bias: [Float]

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      weight = try list.decode([[Float]].self).flatMap { $0 }
      bias = try list.decode([Float].self)
    }

    func values(of name: String) -> [Float] { name.hasSuffix("weight") ? weight : bias }
  }

  private func network(_ limits: UpdateLimits) throws -> TrainedNetwork {
    TrainedNetwork(
      name: "small", module: Linear("l", 3, 2, initializer: Initializer(seed: 1)),
      channel: 0, communicator: SingleProcessCommunicator(),
      layout: try ReplicaLayout(replicas: 2, worldSize: 1, rank: 0),
      reduction: ReductionSettings(), settings: AdamSettings(),
      schedule: LearningRateSchedule(initialRate: 1e-2), limits: limits)
  }

  private func give(_ replicas: [Parts], to network: TrainedNetwork) throws {
    network.beginUpdate()
    for replica in replicas {
      for (index, parameter) in network.targets.enumerated() {
        try network.takeGradient(
          [Tensor(replica.values(of: parameter.name), shape: parameter.shape)], ofTarget: index)
      }
    }
    try network.finish()
  }

  private static let fixtures = Result {
    let file = URL(fileURLWithPath: Fixture.directory(of: "optimizers", holding: "clipping"))
      .appending(path: "clipping.json")
    return try JSONDecoder().decode([Clipping].self, from: Data(contentsOf: file))
  }

  /// PyTorch's `clip_grad_norm_` and Adam, by Tests/Comparisons/optimizer_fixtures.py.
  @Test(arguments: 0..<2) func clippedUpdatesAreThoseOfPyTorch(index: Int) throws {
    let fixture = try Self.fixtures.get()[index]
    let network = try network(UpdateLimits(clipNorm: fixture.limit))
    for (parameter, range) in zip(network.arena.parameters, network.arena.ranges) {
      for (place, value) in zip(range, fixture.start.values(of: parameter.name)) {
        network.arena.values.mutablePointer[place] = value
      }
    }
    for step in fixture.ends.indices {
      try give(fixture.gradients[step], to: network)
      network.noteGradientNorm()
      network.update(step: step + 1)
      #expect(network.wasClipped == (fixture.norms[step] > fixture.limit))
      for parameter in network.parameters {
        let expected = fixture.ends[step].values(of: parameter.name)
        for (value, wanted) in zip(parameter.value.elements, expected) {
          #expect(abs(value - wanted) <= 1e-5 * max(1, abs(wanted)))
        }
      }
    }
  }

  /// Not one bit of a frozen parameter changes, and the others change as if it were not there.
  @Test func frozenParametersStay() throws {
    let fixture = try Self.fixtures.get()[0]
    let (free, frozen) = (try network(UpdateLimits()), try network(UpdateLimits(frozen: ["*bias"])))
    let before = frozen.parameters.map(\.value.elements)
    for step in fixture.gradients.indices {
      for network in [free, frozen] {
        try give(fixture.gradients[step], to: network)
        network.update(step: step + 1)
        #expect(network.wasClipped == nil)
      }
    }
    for (index, parameter) in frozen.parameters.enumerated() {
      let isFrozen = parameter.name.hasSuffix("bias")
      #expect((parameter.value.elements == before[index]) == isFrozen)
      #expect((parameter.value.elements == free.parameters[index].value.elements) == !isFrozen)
    }
  }

  @Test(arguments: [
    ("generator.start.*", true), ("generator.start.weight", true), ("*", true), ("*weight", true),
    ("g*.st*t.*", true), ("generator.start", false), ("start.weight", false), ("*bias", false),
    ("", false), ("generator.start.weight*", true), ("generator.start.weight?", false),
  ])
  func patternsNameParameters(pattern: String, isFrozen: Bool) {
    #expect(UpdateLimits(frozen: [pattern]).freezes("generator.start.weight") == isFrozen)
  }
}
