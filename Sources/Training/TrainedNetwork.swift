import CKernels
package import Communication
import Kernels
package import Layers
import Models
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
  /// The batch-norm statistics, summed over replicas in float32; nil where there are none.
  private let statistics: GradientBuckets?
  /// The optimiser.
  package var optimizer: Adam
  /// What its files say of it beside the tensors: a generator's kind and size.
  package let facts: [String: String]
  /// The running average of the parameters, where one is kept.
  package var average: ParameterAverage?
  /// Replicas of this rank, counted from 0 on it, whose numbers cannot be used in the current update.
  package private(set) var unusableReplicas: Set<Int> = []
  /// The norm of the mean gradient over replicas in this step's update; not a number where that was left
  /// out.
  package private(set) var gradientNorm = Double.nan
  /// Whether this step's gradients of the game were scaled down; nil where none are, and where there was no
  /// update.
  package private(set) var wasClipped: Bool?
  private let schedule: LearningRateSchedule
  private let limits: UpdateLimits
  private let frozenRanges: [Range<Int>]
  private let replicas: Int
  private var keptState: [Tensor] = []
  private var keptCounts = (step: 0, parametersAreFinite: true)

  /// Weight of the new statistics in the running means, as in PyTorch.
  private static let momentum: Float = 0.1
  /// Gradients beyond this are as useless as those that are not finite: their squares are not.
  private static let gradientLimit: Float = 0x1p63

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
  ///   - limits: What updates leave as it is.
  package init(
    name: String, module: some Module, channel: Int, communicator: any Communicator,
    layout: ReplicaLayout, reduction: ReductionSettings, settings: AdamSettings,
    schedule: LearningRateSchedule, limits: UpdateLimits = UpdateLimits()
  ) {
    self.name = name
    self.schedule = schedule
    self.limits = limits
    replicas = layout.replicas
    parameters = module.parameters
    buffers = module.buffers
    facts = Dictionary(
      uniqueKeysWithValues: (module as? any ExportableNetwork)?.exportedFacts
        .map { ($0.key, $0.value) } ?? [])
    // Backward comes to the last layers first.
    let order = Array(module.parameters.reversed())
    gradients = GradientBuckets(
      communicator: communicator, layout: layout,
      parameters: order.map { BucketPlan.Parameter(name: $0.name, count: $0.shape.elementCount) },
      bucketBytes: reduction.bucketBytes, wireFormat: reduction.wireFormat, mode: reduction.mode,
      channel: 2 * channel)
    statistics =
      module.buffers.isEmpty
      ? nil
      : GradientBuckets(
        communicator: communicator, layout: layout,
        parameters: module.buffers.map {
          BucketPlan.Parameter(name: $0.name, count: $0.value.shape.elementCount)
        }, channel: 2 * channel + 1)
    arena = ParameterArena(
      order, ranges: gradients.plan.ranges, count: gradients.plan.elementCount)
    optimizer = Adam(count: arena.count, settings: settings)
    frozenRanges = zip(arena.parameters, arena.ranges)
      .filter { limits.freezes("\(name).\($0.0.name)") }.map(\.1)
  }

  /// Whether a parameter stays as it is.
  func isFrozen(_ parameter: String) -> Bool { limits.freezes("\(name).\(parameter)") }

  /// The parameters in the order of the gradients.
  package var targets: [Parameter] { arena.parameters }

  /// Forgets the gradients of the last update.
  package func beginUpdate() {
    unusableReplicas = []
    gradients.beginStep()
    statistics?.beginStep()
  }

  /// Takes the next replica's gradient of a parameter: the sum of some parts, zero if there are none.
  package func takeGradient(
    _ parts: [Tensor], ofTarget target: Int
  ) throws(CommunicationError) {
    let destination = gradients.gradient(of: target)
    precondition(
      parts.allSatisfy { $0.shape == targets[target].shape && $0.layout == .plain },
      "a gradient has its parameter's shape")
    if var gradient = parts.first {
      let last = parts.count > 1 ? parts.last : nil
      guard let memory = destination.baseAddress else { preconditionFailure("\(name): no memory") }
      for part in parts.dropFirst().dropLast() { gradient.add(part) }
      if !ckernels_sum_within(
        gradient.pointer, last?.pointer, Self.gradientLimit, memory, destination.count)
      {
        unusableReplicas.insert(gradients.nextReplica(of: target))
      }
    } else {
      destination.update(repeating: 0)
    }
    try gradients.markReady(target)
  }

  /// Takes the next replica's batch-norm statistics, in the order of the buffers.
  package func takeStatistics(_ values: [Tensor]) throws(CommunicationError) {
    guard let statistics else { return }
    precondition(values.count == buffers.count, "each buffer has its statistic")
    for (index, value) in values.enumerated() {
      let destination = statistics.gradient(of: index)
      value.withUnsafeFloats { _ = destination.update(fromContentsOf: $0) }
      if !destination.allSatisfy(\.isFinite) {
        unusableReplicas.insert(statistics.nextReplica(of: index))
      }
      try statistics.markReady(index)
    }
  }

  /// Moves the sums over ranks on, without waiting.
  package func poll() throws(CommunicationError) {
    try gradients.poll()
    try statistics?.poll()
  }

  /// Waits for the sums over all replicas.
  package func finish() throws(CommunicationError) {
    try gradients.finish()
    try statistics?.finish()
    // Without gradients there are no moments, and without those no change.
    for range in frozenRanges { gradients.gradients[range].update(repeating: 0) }
  }

  /// The first parameter, moment, buffer or average that holds a number that is not finite.
  package var firstNonFiniteTensor: String? {
    let limit = Float.greatestFiniteMagnitude
    for (kind, memory) in arenaSizedState {
      if ckernels_all_within(memory.pointer, limit, arena.count) { continue }
      let damaged = zip(arena.parameters, arena.ranges).first { _, range in
        !ckernels_all_within(memory.pointer + range.lowerBound, limit, range.count)
      }
      return "\(name).\(damaged?.0.name ?? "(padding)")\(kind)"
    }
    return buffers.first {
      !ckernels_all_within($0.value.pointer, limit, $0.value.shape.elementCount)
    }.map { "\(name).\($0.name)" }
  }

  /// Parameters, moments and average, each in the order of the parameters' memory.
  package var arenaSizedState: [(kind: String, values: Tensor)] {
    [
      ("", arena.values), (" first moment", optimizer.firstMoment),
      (" second moment", optimizer.secondMoment),
    ] + (average.map { [(" average", $0.arena.values)] } ?? [])
  }

  /// Keeps the state as it is now, for `restoreState`.
  package func keepState() {
    keptCounts = (optimizer.step, optimizer.parametersAreFinite)
    let state = stateTensors
    if keptState.isEmpty { keptState = state.map { Tensor(uninitialized: $0.shape) } }
    for (copy, tensor) in zip(keptState, state) { copy.copyElements(of: tensor) }
  }

  /// Takes back all updates since `keepState`.
  package func restoreState() {
    (optimizer.step, optimizer.parametersAreFinite) = keptCounts
    for (copy, tensor) in zip(keptState, stateTensors) { tensor.copyElements(of: copy) }
    arena.valuesChanged()
    average?.arena.valuesChanged()
  }

  /// Keeps a running average of the parameters from now on.
  ///
  /// - Parameters:
  ///   - module: A network of the same kind, which becomes the average.
  ///   - decay: The weight of the average so far.
  package func keepAverage(in module: some Module, decay: AverageDecay) {
    average = ParameterAverage(of: arena, buffers: buffers, in: module, decay: decay)
  }

  private var stateTensors: [Tensor] {
    arenaSizedState.map(\.values) + buffers.map(\.value) + (average?.buffers ?? []).map(\.value)
  }

  /// Updates parameters and buffers from the summed gradients.
  ///
  /// - Parameter step: The step, counted from 1.
  package func update(step: Int) {
    updateBuffers()
    guard let values = gradients.gradients.baseAddress else { return }
    optimizer.update(
      arena.values, gradients: values, gradientScale: clippingScale / Float(replicas),
      learningRate: schedule.rate(at: step))
    arena.valuesChanged()
    average?.update(step: step)
  }

  /// Forgets the norm of the step before, which an update that is left out does not replace.
  func forgetGradientNorm() {
    gradientNorm = .nan
    wasClipped = nil
  }

  /// Keeps the norm of the mean gradient over replicas, as it is before an update.
  package func noteGradientNorm() {
    gradientNorm = normOfMeanGradient
    wasClipped = limits.clipNorm > 0 ? limits.clipNorm < gradientNorm + 1e-6 : nil
  }

  private var normOfMeanGradient: Double {
    guard let values = gradients.gradients.baseAddress else { return .nan }
    return ckernels_sum_of_squares(values, arena.count).squareRoot() / Double(replicas)
  }

  /// What brings the mean gradient's norm down to the limit.
  ///
  /// - Reference: PyTorch's `clip_grad_norm_`, the small number included.
  private var clippingScale: Float {
    guard limits.clipNorm > 0 else { return 1 }
    return Float(min(limits.clipNorm / (normOfMeanGradient + 1e-6), 1))
  }

  /// What the last update has changed, as a share of the parameters: the ratio of the two norms.
  ///
  /// - Parameter step: The step of the update.
  /// - Returns: The ratio; not a number where all parameters are 0.
  func updateRatio(at step: Int) -> Double {
    let norm = ckernels_sum_of_squares(arena.values.pointer, arena.count).squareRoot()
    return norm > 0 ? optimizer.changeNorm(learningRate: learningRate(at: step)) / norm : .nan
  }

  /// The learning rate of a step, counted from 1.
  package func learningRate(at step: Int) -> Double { schedule.rate(at: step) }

  /// Moves the running means towards the mean of all replicas' statistics.
  private func updateBuffers() {
    guard let statistics else { return }
    for (index, buffer) in buffers.enumerated() {
      let sums = statistics.gradient(of: index)
      buffer.value.withUnsafeMutableFloats { values in
        for channel in values.indices {
          let mean = sums[channel] / Float(replicas)
          values[channel] += Self.momentum * (mean - values[channel])
        }
      }
    }
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

extension Tensor {
  /// Overwrites the elements with those of a tensor of the same shape and layout.
  fileprivate func copyElements(of other: Tensor) {
    mutablePointer.update(from: other.pointer, count: storedElementCount)
  }
}
