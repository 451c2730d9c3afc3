import Communication
import Datasets
import Images
import Layers
import TensorCore
import TestSupport
import Testing
import Training

/// Whether a number is one of the published code's losses, which fixtures have; how sure the
/// discriminator is has no part in the training.
func isPublished(_ loss: (name: String, value: Double)) -> Bool {
  !["real_score", "fake_score", "real_share"].contains(loss.name)
}

/// Training steps in fixtures.
extension Fixture {
  /// The pictures of a replica whose names begin with a prefix.
  func batch(replica: Int, below prefix: String, number: Int = 0) throws -> ReplicaBatch {
    let place = "\(prefix).replica\(replica)"
    let images = try tensor("\(place).image")
    let boxes = try tensor("\(place).boxes").elements.map { Int($0) }
    return ReplicaBatch(
      replica: replica, number: number, images: images, masks: try tensor("\(place).mask"),
      boxes: stride(from: 0, to: boxes.count, by: 4).map {
        Rectangle(
          top: boxes[$0], left: boxes[$0 + 1], height: boxes[$0 + 2], width: boxes[$0 + 3])
      }, sampleIndices: Array(0..<images.shape[0]),
      names: Array(repeating: "fixture", count: images.shape[0]))
  }

  /// Gives networks the fixture's parameters.
  func load(into networks: [TrainedNetwork]) throws {
    for network in networks {
      for parameter in network.parameters {
        parameter.setElements(try tensor("param.\(network.name).\(parameter.name)").elements)
      }
    }
  }

  /// Compares the mean losses of a step, or of a part of it, with the log that PyTorch wrote.
  func expectLosses(_ replicas: [LossTerms], step: Int) throws {
    let expected = try settings.objects("log")[step - 1]
    let rounding = try settings.objects("log_float32_error")[step - 1]
    for (index, loss) in replicas[0].enumerated() {
      let mean = replicas.reduce(0) { $0 + $1[index].value } / Double(replicas.count)
      let value = try expected.number(loss.name)
      let bound = max(1e-4, 4 * (try rounding.number(loss.name)))
      #expect(
        abs(mean - value) <= bound * max(abs(value), 1e-12),
        "\(name), step \(step), \(loss.name): \(mean), expected \(value)")
    }
  }

  /// Compares the mean gradients of the replicas.
  func expectGradients(of network: TrainedNetwork, replicas: Int) {
    for (parameter, range) in zip(network.arena.parameters, network.arena.ranges) {
      let mean = network.gradients.gradients[range].map { $0 / Float(replicas) }
      expectMatches(
        Tensor(mean, shape: parameter.shape), "grad.\(network.name).\(parameter.name)")
    }
  }

  /// Compares the parameters after a step.
  func expectParameters(of network: TrainedNetwork, after step: Int) {
    for parameter in network.parameters {
      let name = "after\(step).\(network.name).\(parameter.name)"
      if !isCancelled(name) { expectMatches(parameter.value, name) }
    }
  }
}
