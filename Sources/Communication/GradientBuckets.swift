/// The gradients of one network, summed over all replicas while backward goes on.
///
/// For each step: `beginStep`; during the backward of each replica of this rank write each gradient
/// into `gradient(of:)` and call `markReady`; then `finish`. Every parameter sees the replicas in
/// order, whatever the others do. A bucket leaves as soon as the last replica has produced the last
/// of its gradients. Nothing moves by itself: call `poll` between the operations of backward.
///
/// In canonical mode the result has the bits of a `ReplicaAccumulator` followed by a `TreeReducer`:
/// they depend neither on the number of ranks nor on the buckets. Sums, not means: dividing by the
/// power-of-two number of replicas afterwards is exact.
package final class GradientBuckets {
  /// The bucket size that measured best between two ranks of a host.
  package static let defaultBucketBytes = 4 << 20

  /// The layout of the flat buffer.
  package let plan: BucketPlan
  /// Who adds the gradients of different ranks.
  package let mode: ReductionMode
  /// How gradients travel.
  private let wireFormat: WireFormat
  /// When each bucket of the current or last step left and was complete.
  package private(set) var timings: [BucketTiming]
  /// When the last replica produced its last gradient, on the clock of `monotonicSeconds`: the end
  /// of backward; nil before.
  package private(set) var backwardEndSeconds: Double?
  /// How long the last `finish` waited for other ranks and the network.
  package private(set) var exposedSeconds = 0.0

  private let communicator: any Communicator
  private let localReplicas: Int
  private let arena: FloatArena
  /// Separate from `arena` because MPI_Iallreduce is several times slower in place.
  private let libraryResult: FloatArena?
  private let accumulator: ReplicaAccumulator
  private let reductions: [BucketReduction]
  /// How many of this rank's replicas have produced each parameter's gradient.
  private var readyReplicas: [Int]
  private var missingInBucket: [Int]
  private var underWay: [Int] = []

  /// Allocates the buffers of one network.
  ///
  /// - Parameters:
  ///   - communicator: The ranks.
  ///   - layout: Which replicas this rank hosts.
  ///   - parameters: Names and sizes in the order in which backward finishes their gradients.
  ///   - bucketBytes: The size that closes a bucket.
  ///   - wireFormat: How gradients travel.
  ///   - mode: Who adds the gradients of different ranks.
  ///   - channel: Tells apart instances whose buckets may be under way together, in `0..<8`.
  package init(
    communicator: any Communicator, layout: ReplicaLayout, parameters: [BucketPlan.Parameter],
    bucketBytes: Int = GradientBuckets.defaultBucketBytes, wireFormat: WireFormat = .float32,
    mode: ReductionMode = .canonical, channel: Int = 0
  ) {
    plan = BucketPlan(parameters: parameters, bucketBytes: bucketBytes)
    self.communicator = communicator
    self.mode = mode
    self.wireFormat = wireFormat
    localReplicas = layout.localCount
    arena = FloatArena(count: plan.elementCount)
    accumulator = ReplicaAccumulator(
      count: plan.elementCount, replicas: localReplicas, wireFormat: wireFormat)
    let usesLibrary = mode == .fast && communicator.worldSize > 1
    libraryResult = usesLibrary ? FloatArena(count: plan.elementCount) : nil
    var tag = MessageTags.buckets(channel: channel)
    var reductions: [BucketReduction] = []
    for bucket in plan.buckets {
      let reduction = BucketReduction(
        communicator: communicator, layout: layout, values: arena[bucket.elements],
        libraryResult: libraryResult?[bucket.elements], tagBase: tag, wireFormat: wireFormat)
      tag += reduction.tagCount
      reductions.append(reduction)
    }
    precondition(
      tag <= MessageTags.buckets(channel: channel) + MessageTags.bucketChannelSize,
      "too many gradients for the message tags of one channel")
    self.reductions = reductions
    timings = plan.buckets.enumerated().map { BucketTiming(bucket: $0, elements: $1.elements) }
    readyReplicas = Array(repeating: 0, count: parameters.count)
    missingInBucket = plan.buckets.map(\.parameters.count)
  }

  /// Where backward writes the gradient of a parameter, and where its sum is after `finish`.
  package func gradient(of parameter: Int) -> UnsafeMutableBufferPointer<Float> {
    arena[plan.ranges[parameter]]
  }

  /// The flat buffer: all gradients in the order of the plan, with zeros between them.
  package var gradients: UnsafeMutableBufferPointer<Float> { arena.values }

  /// What so many gradients take on their way between ranks; the library sends float32.
  package func messageBytes(_ count: Int) -> Int {
    (mode == .fast ? WireFormat.float32 : wireFormat).byteCount(count)
  }

  /// Forgets the last step.
  package func beginStep() {
    precondition(underWay.isEmpty, "finish() ends a step before the next one begins")
    for parameter in readyReplicas.indices { readyReplicas[parameter] = 0 }
    for (bucket, part) in plan.buckets.enumerated() {
      missingInBucket[bucket] = part.parameters.count
    }
    for index in timings.indices { timings[index].reset() }
    backwardEndSeconds = nil
  }

  /// The replica of this rank, counted from 0 on it, whose gradient of a parameter comes next.
  package func nextReplica(of parameter: Int) -> Int { readyReplicas[parameter] }

  /// Says that the gradient of a parameter is final for the next replica of this rank.
  ///
  /// The parameters of a replica may become ready in any order, and before another parameter has
  /// seen the replica before.
  package func markReady(_ parameter: Int) throws(CommunicationError) {
    let replica = readyReplicas[parameter]
    precondition(
      replica < localReplicas,
      "the gradient of \(plan.parameters[parameter].name) is marked ready once for each replica")
    accumulator.add(plan.ranges[parameter], of: arena.values, replica: replica)
    readyReplicas[parameter] = replica + 1
    guard replica == localReplicas - 1 else { return }
    let bucket = plan.bucketOfParameter[parameter]
    missingInBucket[bucket] -= 1
    if missingInBucket[bucket] == 0 { try post(bucket) }
  }

  /// Moves all buckets that are under way on, without waiting; cheap where there is none.
  package func poll() throws(CommunicationError) {
    guard !underWay.isEmpty else { return }
    var index = 0
    while index < underWay.count {
      let bucket = underWay[index]
      if try reductions[bucket].advance() {
        timings[bucket].doneSeconds = monotonicSeconds()
        underWay.remove(at: index)
      } else {
        index += 1
      }
    }
  }

  /// Waits until the gradients of all parameters are summed over all replicas.
  ///
  /// Only this instance moves on meanwhile, so ranks with several under way finish them in the same
  /// order.
  ///
  /// - Precondition: Every parameter has been marked ready for every replica of this rank.
  package func finish() throws(CommunicationError) {
    if let missing = readyReplicas.firstIndex(where: { $0 < localReplicas }) {
      preconditionFailure(
        """
        \(plan.parameters[missing].name) has gradients of \(readyReplicas[missing]) replicas, \
        not of \(localReplicas)
        """)
    }
    let start = monotonicSeconds()
    while !underWay.isEmpty { try poll() }
    if let libraryResult { _ = arena.values.update(from: libraryResult.values) }
    exposedSeconds = monotonicSeconds() - start
  }

  private func post(_ bucket: Int) throws(CommunicationError) {
    let now = monotonicSeconds()
    timings[bucket].postedSeconds = now
    try reductions[bucket].start()
    underWay.append(bucket)
    if missingInBucket.allSatisfy({ $0 == 0 }) { backwardEndSeconds = now }
  }
}
