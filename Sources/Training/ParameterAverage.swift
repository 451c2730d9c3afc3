import CKernels
package import Layers
import TensorCore

/// The exponential moving average of a network's parameters, held by a second network of its kind.
///
/// It starts as a copy of the parameters, so the first averages contain the initial weights. Running
/// statistics are averages already: they are copied.
///
/// - Formula: `average += (1 - decay) (parameter - average)` after each update; see `AverageDecay`.
package final class ParameterAverage {
  /// The averaged parameters, in the order of the published state_dict.
  package let parameters: [Parameter]
  /// The averages in one piece of memory, in the order of the network's own.
  package let arena: ParameterArena
  /// The network's buffers, as they were at the last update.
  package let buffers: [Buffer]
  private let source: ParameterArena
  private let sourceBuffers: [Buffer]
  private let decay: AverageDecay

  /// Starts to average.
  ///
  /// - Parameters:
  ///   - source: The parameters of the trained network.
  ///   - buffers: Its buffers.
  ///   - network: A network of the same kind, whose parameters become the averages.
  ///   - decay: The weight of the average so far.
  package init(
    of source: ParameterArena, buffers: [Buffer] = [], in network: some Module, decay: AverageDecay
  ) {
    self.source = source
    sourceBuffers = buffers
    self.buffers = network.buffers
    self.decay = decay
    parameters = network.parameters
    let byName = Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0) })
    arena = ParameterArena(
      source.parameters.compactMap { byName[$0.name] }, ranges: source.ranges, count: source.count)
    precondition(
      arena.parameters.map(\.shape) == source.parameters.map(\.shape),
      "the average of a network is a network of its kind")
    precondition(
      self.buffers.map(\.name) == buffers.map(\.name),
      "the average of a network has its buffers")
    restart()
  }

  /// Takes the parameters as they are for the average.
  package func restart() {
    arena.values.mutablePointer.update(from: source.values.pointer, count: source.count)
    arena.valuesChanged()
    copyBuffers()
  }

  /// Takes the parameters after an update of a step, counted from 1, into account.
  package func update(step: Int) {
    ckernels_moving_average(
      arena.values.mutablePointer, source.values.pointer, decay.weight(at: step), source.count)
    arena.valuesChanged()
    copyBuffers()
  }

  private func copyBuffers() {
    for (copy, buffer) in zip(buffers, sourceBuffers) {
      copy.value.mutablePointer.update(
        from: buffer.value.pointer, count: buffer.value.shape.elementCount)
    }
  }
}
