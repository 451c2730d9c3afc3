package import Communication
package import Layers
package import Optimizers
package import TensorCore

/// A network while it is trained: parameters, buffers, gradients and optimiser in flat memory.
package final class TrainedNetwork {
  /// The name of its file in a checkpoint, such as `generator`.
  package let name: String
  /// The parameters, in the order of the published state_dict.
  package let parameters: [Parameter]
  /// The buffers, in the order of the published state_dict.
  package let buffers: [Buffer]
  /// The parameters' memory.
  package let arena: ParameterArena
  /// The gradients, summed over replicas.
  package let gradients: GradientBuckets
  /// The optimiser.
  package var optimizer: Adam
  private let schedule: LearningRateSchedule
  private let replicas: Int

  /// Name of the batch-norm statistics among the gradients, with which they are summed.
  private static let statisticsName = "batch statistics"
  /// Weight of the new statistics in the running means, as in PyTorch.
  private static let momentum: Float = 0.1

  /// Prepares a network for training.
  ///
  /// - Parameters:
  ///   - name: The name of its file in a checkpoint.
  ///   - module: The network.
  ///   - channel: Tells the networks' messages apart, 0, 1, ...
  ///   - communicator: The ranks.
  ///   - layout: Which replicas this rank hosts.
  ///   - reduction: How gradients are summed.
  ///   - settings: Adam's hyper-parameters.
  ///   - schedule: The learning rate.
  package init(
    name: String, module: some Module, channel: Int, communicator: any Communicator,
    layout: ReplicaLayout, reduction: ReductionSettings, settings: AdamSettings,
    schedule: LearningRateSchedule
  ) {
    self.name = name
    self.schedule = schedule
    replicas = layout.replicas
    parameters = module.parameters
    buffers = module.buffers
    // Backward comes to the last layers first.
    let order = Array(module.parameters.reversed())
    let statisticsCount = module.buffers.reduce(0) { $0 + $1.value.shape.elementCount }
    let statistics =
      statisticsCount == 0
      ? [] : [BucketPlan.Parameter(name: Self.statisticsName, count: statisticsCount)]
    gradients = GradientBuckets(
      communicator: communicator, layout: layout,
      parameters: statistics
        + order.map { BucketPlan.Parameter(name: $0.name, count: $0.shape.elementCount) },
      bucketBytes: reduction.bucketBytes, wireFormat: reduction.wireFormat, mode: reduction.mode,
      channel: channel)
    arena = ParameterArena(
      order, ranges: Array(gradients.plan.ranges.dropFirst(statistics.count)),
      count: gradients.plan.elementCount)
    optimizer = Adam(count: arena.count, settings: settings)
  }

  private var statisticsCount: Int { buffers.isEmpty ? 0 : 1 }

  /// The parameters in the order of the gradients.
  package var targets: [Parameter] { arena.parameters }

  /// Takes one replica's gradient of a parameter, or nil where it is zero.
  package func accept(
    _ gradient: Tensor?, ofTarget target: Int
  ) throws(CommunicationError) {
    let destination = gradients.gradient(of: target + statisticsCount)
    if let gradient {
      precondition(gradient.shape == targets[target].shape, "a gradient has its parameter's shape")
      gradient.withUnsafeFloats { _ = destination.update(fromContentsOf: $0) }
    } else {
      destination.update(repeating: 0)
    }
    try gradients.markReady(target + statisticsCount)
    try gradients.poll()
  }

  /// Takes one replica's batch-norm statistics, in the order of the buffers.
  package func accept(statistics: [Tensor]) throws(CommunicationError) {
    guard !buffers.isEmpty else { return }
    let destination = gradients.gradient(of: 0)
    var offset = 0
    for tensor in statistics {
      tensor.withUnsafeFloats { values in
        for value in values {
          destination[offset] = value
          offset += 1
        }
      }
    }
    try gradients.markReady(0)
  }

  /// True where every summed gradient is a finite number: the same verdict on all ranks.
  package var gradientsAreFinite: Bool {
    gradients.gradients.reduce(Float(0)) { $0 + $1 * 0 } == 0
  }

  /// Updates parameters and buffers from the summed gradients.
  ///
  /// - Parameter step: The step that ends, counted from 1.
  package func update(step: Int) {
    updateBuffers()
    guard let values = gradients.gradients.baseAddress else { return }
    optimizer.update(
      arena.values, gradients: values, gradientScale: 1 / Float(replicas),
      learningRate: schedule.rate(at: step))
    arena.valuesChanged()
  }

  /// Moves the running means towards the mean of all replicas' statistics.
  private func updateBuffers() {
    guard !buffers.isEmpty else { return }
    let sums = gradients.gradient(of: 0)
    var offset = 0
    for buffer in buffers {
      buffer.value.withUnsafeMutableFloats { values in
        for index in values.indices {
          let mean = sums[offset] / Float(replicas)
          values[index] += Self.momentum * (mean - values[index])
          offset += 1
        }
      }
    }
    // They are no gradients: the optimiser must not see them.
    sums.update(repeating: 0)
  }
}

/// How gradients are summed over replicas.
package struct ReductionSettings: Sendable {
  /// The size that closes a bucket.
  package var bucketBytes = GradientBuckets.defaultBucketBytes
  /// How gradients travel.
  package var wireFormat = WireFormat.float32
  /// Who adds the gradients of different ranks.
  package var mode = ReductionMode.canonical

  /// Makes the default settings.
  package init() {}
}
