/// Which sample stands at which place of a run's endless sequence of samples.
package struct SampleReference: Hashable, Sendable {
  /// Epoch, from 0.
  package let epoch: Int
  /// Index of the sample in its source.
  package let sampleIndex: Int
  /// Place in the concatenation of all epochs, from 0.
  package let position: Int
}

/// Says which samples each step of a run uses, and which replica and rank works on which of them.
///
/// The epochs, each in its own order, follow one another without a gap; step s uses the places
/// [s * B, (s + 1) * B) of that sequence, where B is the global batch. Nothing is dropped at the
/// end of an epoch and nothing occurs twice in one: a batch may hold the end of one epoch and the
/// start of the next. Replica v of V works on places [v * B / V, (v + 1) * B / V) of a batch, and
/// rank r of P hosts replicas [r * V / P, (r + 1) * V / P).
///
/// A step of the sampler is one global batch; a model whose steps make several updates takes several.
///
/// Everything is a function of the step, in constant time a sample: the sampler has no state that
/// a resumed run, or one with another number of ranks, would have to restore.
package struct ShardedSampler: Hashable, Sendable {
  /// Number of samples in the source.
  package let datasetCount: Int
  /// Samples in one step, over all ranks.
  package let globalBatchSize: Int
  /// Number of replicas.
  package let replicas: Int
  /// The run's seed.
  package let seed: UInt64

  /// Makes the sampler of a run.
  ///
  /// - Precondition: All numbers are positive, and the replicas divide the global batch.
  package init(datasetCount: Int, globalBatchSize: Int, replicas: Int, seed: UInt64) {
    precondition(
      datasetCount > 0 && globalBatchSize > 0 && replicas > 0,
      "a sampler of \(datasetCount) samples, batch \(globalBatchSize), \(replicas) replicas")
    precondition(
      globalBatchSize % replicas == 0,
      "\(replicas) replicas do not divide a global batch of \(globalBatchSize)")
    self.datasetCount = datasetCount
    self.globalBatchSize = globalBatchSize
    self.replicas = replicas
    self.seed = seed
  }

  /// Samples that one replica works on in one step.
  package var replicaBatchSize: Int { globalBatchSize / replicas }

  /// The replicas that a rank hosts; even shares where the ranks divide the replicas.
  ///
  /// - Precondition: `rank` is in `0..<worldSize`.
  package func replicas(ofRank rank: Int, worldSize: Int) -> Range<Int> {
    precondition(rank >= 0 && rank < worldSize, "rank \(rank) of \(worldSize)")
    return rank * replicas / worldSize..<(rank + 1) * replicas / worldSize
  }

  /// The samples of one step, of all replicas.
  ///
  /// - Parameter step: Step, from 0.
  /// - Returns: The samples in the order of the batch.
  package func samples(step: Int) -> [SampleReference] {
    samples(at: step * globalBatchSize..<(step + 1) * globalBatchSize)
  }

  /// The samples of one replica in one step.
  ///
  /// - Parameters:
  ///   - step: Step, from 0.
  ///   - replica: Replica, from 0.
  /// - Returns: The samples in the order of the batch.
  package func samples(step: Int, replica: Int) -> [SampleReference] {
    precondition(replica >= 0 && replica < replicas, "replica \(replica) of \(replicas)")
    let start = step * globalBatchSize + replica * replicaBatchSize
    return samples(at: start..<start + replicaBatchSize)
  }

  /// The samples of one rank in one step: those of its replicas, in replica order.
  ///
  /// - Parameters:
  ///   - step: Step, from 0.
  ///   - rank: Rank, from 0.
  ///   - worldSize: Number of ranks.
  /// - Returns: The samples in the order of the batch; none where there are fewer replicas than
  ///   ranks and this one has none.
  package func samples(step: Int, rank: Int, worldSize: Int) -> [SampleReference] {
    let hosted = replicas(ofRank: rank, worldSize: worldSize)
    let start = step * globalBatchSize
    return samples(
      at: start + hosted.lowerBound * replicaBatchSize..<start + hosted.upperBound
        * replicaBatchSize)
  }

  /// The samples at places of the concatenation of all epochs.
  ///
  /// - Precondition: The places are not negative.
  package func samples(at positions: Range<Int>) -> [SampleReference] {
    precondition(positions.lowerBound >= 0, "a run has no place \(positions.lowerBound)")
    var references: [SampleReference] = []
    references.reserveCapacity(positions.count)
    var position = positions.lowerBound
    while position < positions.upperBound {
      let epoch = position / datasetCount
      let permutation = EpochPermutation(count: datasetCount, seed: seed, epoch: epoch)
      let start = epoch * datasetCount
      let end = min(positions.upperBound, start + datasetCount)
      for place in position..<end {
        references.append(
          SampleReference(
            epoch: epoch, sampleIndex: permutation[place - start], position: place))
      }
      position = end
    }
    return references
  }

  /// The epoch that a step starts in.
  package func epoch(ofStep step: Int) -> Int { step * globalBatchSize / datasetCount }
}
