package import Checkpoints
import Communication
import Configuration
import Datasets
import Foundation
import GeneratorFiles
import Kernels
import Layers
import Optimizers
import Running
import TensorCore

extension Session {
  /// The state of the run after a step, for a checkpoint.
  ///
  /// - Precondition: Parameters and moments do not change until the snapshot has been copied.
  func snapshot(step: Int, validation: [String: Double]) -> CheckpointSnapshot {
    let images = images(after: step)
    let state = CheckpointState(
      step: step, epoch: images / sampler.datasetCount, images: images,
      nextSample: images % sampler.datasetCount, seed: configuration.seed,
      replicas: layout.replicas, configuration: configuration.effectiveYAML(),
      configurationFingerprint: configuration.fingerprint,
      dataIndexHash: "\(data.indexHash)", codeVersion: codeVersion,
      validation: validation,
      extras: setbacks.entries.merging(earlyStop.entries) { $1 }.merging(
        [
          "threads": "\(threads)", "arithmetic": configuration.arithmeticDescription,
          "updates": model.networks.map { "\($0.optimizer.step)" }.joined(separator: " "),
          "onednn": convolutionLibraryVersion,
          "pictures": "\(data.digests.images)", "mask_pictures": "\(data.digests.masks)",
        ]) { $1 })
    return CheckpointSnapshot(
      state: state,
      files: model.checkpointFiles)
  }

  /// Images that a run has seen after a step, those of batches that it passed over included.
  func images(after step: Int) -> Int {
    firstBatch(of: step + 1) * configuration.training.updateBatch
  }

  /// The number, from 0, of the first batch that a step works on.
  func firstBatch(of step: Int) -> Int {
    (step - 1 + setbacks.passedBatches) * model.batchesPerStep
  }

  /// Images of all replicas in a step.
  var imagesPerStep: Int { model.batchesPerStep * configuration.training.updateBatch }

  /// Loads the checkpoint that the run goes on from and gives its state to all ranks.
  ///
  /// The run goes on with the checkpoint's number of threads a rank, which some sums' rounding depends
  /// on, unless the configuration names another and the user accepts other bits.
  ///
  /// - Returns: The number of steps made, 0 for a new run.
  /// - Throws: On every rank, what is wrong with the checkpoint or with going on from it.
  mutating func restore(
    _ resume: TrainingRequest.Resume, acceptsOtherBits: Bool, store: CheckpointStore?,
    rescue: CheckpointStore?, progress: ProgressReport
  ) throws -> Int {
    let answer = try communicator.fromRoot {
      guard
        let checkpoint = try checkpoint(
          resume, store: store, rescue: rescue, warn: progress.warn)
      else {
        try loadInitialWeights()
        return encoded([0, threads] + earlyStop.counts + Setbacks().counts)
      }
      try check(checkpoint.state, of: checkpoint.directory)
      do {
        try checkPictures(checkpoint.state, of: checkpoint.directory)
      } catch  where acceptsOtherBits {
        progress.warn("going on with other pictures, as told: \(error)")
      }
      let savedThreads = try threadsToGoOnWith(
        checkpoint.state, of: checkpoint.directory, acceptsOtherBits: acceptsOtherBits)
      try load(checkpoint, report: progress.note)
      // Later checkpoints of this run would win at the next automatic resume.
      for store in [store, rescue] {
        for aside in try store?.supersede(after: checkpoint.state.step) ?? [] {
          progress.note("set aside: \(aside)")
        }
      }
      progress.note("going on from \(checkpoint.directory), \(savedThreads) threads a rank")
      earlyStop.take(entries: checkpoint.state.extras)
      return encoded(
        [checkpoint.state.step, savedThreads] + earlyStop.counts
          + Setbacks(entries: checkpoint.state.extras).counts)
    }
    let numbers = decoded(answer)
    let (step, savedThreads) = (numbers[0], numbers[1])
    if savedThreads != threads { use(threads: savedThreads) }
    let setbackPlace = 2 + EarlyStop.countOfCounts
    earlyStop.take(counts: numbers[2..<setbackPlace])
    setbacks = Setbacks(counts: numbers.dropFirst(setbackPlace))
    try synchronize()
    return step
  }

  /// Takes the weights that a new run starts from, where the configuration names some, on rank 0.
  private func loadInitialWeights() throws {
    let path = configuration.model.initialWeights
    guard !path.isEmpty else { return }
    let generator = model.networks[0]
    // Weights without noise fill as before in a generator with noise.
    try generator.load(
      try publishedTensors(
        readWeights(
          path, remedy: "set model.initial_weights to a generator's weights, or to \"\"")),
      optional: "noise.")
    if let damaged = generator.firstNonFiniteTensor {
      throw RunError(
        .badData,
        "\(path): \(damaged) holds numbers that are not finite; give weights of an earlier checkpoint"
      )
    }
    generator.average?.restart()
  }

  /// Takes the state of all networks from a checkpoint, on rank 0.
  ///
  /// - Throws: What is wrong with the checkpoint's tensors.
  func load(_ checkpoint: LoadedCheckpoint, report: (String) -> Void) throws {
    let state = checkpoint.state
    let counts = state.extras["updates"].map { decoded(Array($0.utf8)) } ?? []
    // Checkpoints of earlier versions do not count updates, and none was left out of a step then.
    let steps = state.step - Setbacks(entries: state.extras).skippedUpdates
    for (index, network) in model.networks.enumerated() {
      try network.load(try checkpoint.file(network.name))
      try network.loadMoments(try checkpoint.optimizer)
      network.optimizer.step =
        counts.count == model.networks.count
        ? counts[index] : model.updateCount(of: network, inSteps: steps)
    }
    let file = checkpoint[ParameterAverage.fileName]
    switch (model.networks[0].average, file) {
    case (let average?, let file?): try average.load(file)
    case (let average?, nil):
      average.restart()
      report("training.ema is new: the average starts from the weights of this checkpoint")
    case (nil, _?): report("training.ema is 0: the checkpoint's average is not carried on")
    case (nil, nil): break
    }
  }

  /// Gives the state of rank 0's networks to all ranks; collective.
  func synchronize() throws(CommunicationError) {
    let counts = decoded(
      try communicator.broadcast(encoded(model.networks.map(\.optimizer.step))))
    for (network, count) in zip(model.networks, counts) {
      network.optimizer.step = count
      try network.synchronize(communicator)
    }
  }

  private func checkpoint(
    _ resume: TrainingRequest.Resume, store: CheckpointStore?, rescue: CheckpointStore?,
    warn: (String) -> Void
  ) throws -> LoadedCheckpoint? {
    switch resume {
    case .checkpoint(let path):
      return try checkpointDirectory(path).load()
    case .never:
      for store in [store, rescue] {
        guard let store, let newest = try store.steps().first else { continue }
        throw RunError(
          .usage,
          "\(store.root): the run has a checkpoint of step \(newest); choose another "
            + "folder with --run, or go on with --resume auto")
      }
      return nil
    case .automatic:
      let rescued = try rescue?.newestValid()
      for damaged in rescued?.damaged ?? [] { warn("\(damaged)") }
      do {
        let recovery = try store?.newestValid()
        for damaged in recovery?.damaged ?? [] { warn("\(damaged)") }
        guard let rescued = rescued?.checkpoint,
          rescued.state.step > recovery?.checkpoint.state.step ?? 0
        else { return recovery?.checkpoint }
        return rescued
      } catch let error as CheckpointError {
        guard case .noneValid = error, let rescued else { throw error }
        warn("\(error)")
        return rescued.checkpoint
      }
    }
  }

  /// The number of threads a rank that a run goes on with.
  private func threadsToGoOnWith(
    _ state: CheckpointState, of path: String, acceptsOtherBits: Bool
  ) throws -> Int {
    guard !acceptsOtherBits else { return threads }
    guard state.codeVersion == codeVersion else {
      throw RunError(
        .usage,
        "\(path) was written by inpaint \(state.codeVersion), this is \(codeVersion), which may compute "
          + "other bits. Go on with that version, or accept other bits with --accept-other-bits.")
    }
    guard isSameLibrary(state.extras["onednn"], convolutionLibraryVersion) else {
      throw RunError(
        .usage,
        "\(path) was computed with oneDNN \(state.extras["onednn"] ?? "2"), this machine has "
          + "\(convolutionLibraryVersion), which rounds differently. Go on where that version is "
          + "installed, or accept other bits with --accept-other-bits.")
    }
    let saved = state.extras["threads"].flatMap { Int($0) }.map { min(max($0, 1), 4096) } ?? threads
    let arithmetic = state.extras["arithmetic"] ?? configuration.arithmeticDescription
    let wanted = configuration.training.threads
    guard wanted == 0 || wanted == saved, arithmetic == configuration.arithmeticDescription else {
      throw RunError(
        .usage,
        "\(path) was computed with \(saved) threads a rank and \(arithmetic), this run has "
          + "\(threads) and \(configuration.arithmeticDescription): sums would be rounded differently. Set "
          + "training.threads to \(saved) on a processor of that kind, or accept other bits with "
          + "--accept-other-bits.")
    }
    return saved
  }

  /// Refuses to go on with settings that would give other numbers than an uninterrupted run.
  private func check(_ state: CheckpointState, of path: String) throws {
    let saved = try RunConfiguration.parse(yaml: state.configuration, origin: path)
    let differences = configuration.differences(to: saved).filter(\.decidesArithmetic)
    guard differences.isEmpty else {
      throw RunError(
        .usage,
        "\(path) belongs to a run with other settings:\n"
          + differences.map { "  \($0)" }.joined(separator: "\n")
          + "\nUse its settings, or start a new run with --run and --resume never.")
    }
  }

  /// Refuses to go on with pictures other than those that the run was computed from.
  private func checkPictures(_ state: CheckpointState, of path: String) throws {
    let remedy =
      "give this run the same pictures, or start a new one with --run, from this state if you like "
      + "(--set model.initial_weights=\(path)/generator.safetensors), or go on with these and accept "
      + "other bits with --accept-other-bits"
    let saved = (
      images: state.extras["pictures"].flatMap { PictureDigest($0) },
      masks: state.extras["mask_pictures"].flatMap { PictureDigest($0) }
    )
    guard state.dataIndexHash == "\(data.indexHash)" else {
      func numbers(_ saved: PictureDigest?, _ own: PictureDigest, _ what: String) -> String {
        guard let saved, saved.count != own.count else { return "\(own.count) \(what)" }
        return "\(own.count) \(what), then \(saved.count)"
      }
      throw RunError(
        .badData,
        "\(path) belongs to a run on other images or mask pictures than those of data.root "
          + "\(configuration.data.root) that can be used (now "
          + numbers(saved.images, data.digests.images, "images of other names or order") + "; "
          + numbers(saved.masks, data.digests.masks, "mask pictures") + "): \(remedy)")
    }
    if let changed = saved.images.flatMap({ data.digests.images.firstDifference(from: $0) }) {
      let (first, last) = (changed.lowerBound, changed.upperBound - 1)
      let names =
        first == last
        ? data.training.location(of: first)
        : "a picture from \(data.training.location(of: first)) to \(data.training.name(of: last))"
      throw RunError(
        .badData, "\(names) was changed since \(path) was computed: \(remedy)")
    }
    if saved.masks.flatMap({ data.digests.masks.firstDifference(from: $0) }) != nil {
      throw RunError(
        .badData,
        "\(configuration.masks.files): a mask picture was changed since \(path) was computed: "
          + remedy)
    }
  }
}

extension AdversarialModel {
  /// What a checkpoint holds of the networks and their optimisers.
  package var checkpointFiles: [CheckpointSnapshot.File] {
    networks.map {
      CheckpointSnapshot.File(name: $0.name, tensors: $0.tensors, metadata: $0.facts)
    }
      + [CheckpointSnapshot.File(name: "optimizer", tensors: networks.flatMap(\.moments))]
      + networks.compactMap { network in
        network.averagedTensors.map {
          CheckpointSnapshot.File(
            name: ParameterAverage.fileName, tensors: $0, metadata: network.facts)
        }
      }
  }
}

extension TrainedNetwork {
  /// Gives rank 0's parameters, moments, average and buffers to all ranks; collective.
  fileprivate func synchronize(_ communicator: any Communicator) throws(CommunicationError) {
    optimizer.parametersAreFinite = true
    for (_, memory) in arenaSizedState { try communicator.broadcast(memory) }
    for buffer in buffers + (average?.buffers ?? []) { try communicator.broadcast(buffer.value) }
    arena.valuesChanged()
    average?.arena.valuesChanged()
  }
}

extension Communicator {
  /// Overwrites a tensor's elements with those of rank 0.
  fileprivate func broadcast(_ tensor: Tensor) throws(CommunicationError) {
    try broadcast(
      UnsafeMutableRawBufferPointer(
        start: tensor.mutablePointer, count: tensor.storedElementCount * 4), root: 0)
  }
}

/// Numbers as text, for `fromRoot`.
func encoded(_ numbers: [Int]) -> [UInt8] {
  Array(numbers.map { "\($0)" }.joined(separator: " ").utf8)
}

/// The numbers of `encoded`.
func decoded(_ text: [UInt8]) -> [Int] {
  String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
}

/// Whether a checkpoint was computed with this version of oneDNN; one that names none is from when the
/// program was built with oneDNN 2 alone.
func isSameLibrary(_ saved: String?, _ current: String) -> Bool {
  saved.map { $0 == current } ?? current.hasPrefix("2.")
}
