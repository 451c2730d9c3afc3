import Datasets
import Images
import TensorCore
import Testing

@Suite struct BatchLoaderTests {
  private func source(_ folder: TemporaryFolder) throws -> any ImageSource {
    try openImageSource(root: folder.path, layout: .folder, split: .all)
  }

  private func folder(count: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for number in 0..<count {
      let fileExtension = number % 2 == 0 ? "jpg" : "png"
      try folder.write(
        encodedPicture(number, fileExtension), to: "\(100 + number).\(fileExtension)")
    }
    return folder
  }

  private func transform(_ augmentation: Augmentation = .none) -> SampleTransform {
    SampleTransform(side: 16, augmentation: augmentation, masks: RectangleMask(), seed: 9)
  }

  /// Everything that a batch holds, fit for comparison.
  private struct Contents: Equatable {
    let replica: Int
    let images: [Float]
    let masks: [Float]
    let boxes: [Rectangle]
    let sampleIndices: [Int]
    let names: [String]

    init(_ batch: ReplicaBatch) {
      replica = batch.replica
      images = batch.images.elements
      masks = batch.masks.elements
      boxes = batch.boxes
      sampleIndices = batch.sampleIndices
      names = batch.names
    }
  }

  private func steps(
    _ source: any ImageSource, _ steps: Range<Int>, rank: Int = 0, worldSize: Int = 1,
    augmentation: Augmentation = .none, _ settings: LoaderSettings = LoaderSettings()
  ) throws -> [[Contents]] {
    let loader = BatchLoader(
      source: source,
      sampler: ShardedSampler(
        datasetCount: source.count, globalBatchSize: 8, replicas: 4, seed: 9),
      transform: transform(augmentation), rank: rank, worldSize: worldSize,
      firstStep: steps.lowerBound, settings: settings)
    defer { loader.stop() }
    return try steps.map { _ in try loader.next().map(Contents.init) }
  }

  @Test func aBatchHoldsTheTransformedSamplesInReplicaOrder() throws {
    let folder = try folder(count: 11)
    let source = try source(folder)
    let sampler = ShardedSampler(datasetCount: 11, globalBatchSize: 8, replicas: 4, seed: 9)
    for (step, batches) in try steps(source, 0..<3).enumerated() {
      #expect(batches.map(\.replica) == [0, 1, 2, 3])
      for batch in batches {
        let references = sampler.samples(step: step, replica: batch.replica)
        #expect(batch.sampleIndices == references.map(\.sampleIndex))
        #expect(batch.names == references.map { source.name(of: $0.sampleIndex) })
        for (row, reference) in references.enumerated() {
          let sample = try transform()(
            source.image(at: reference.sampleIndex), epoch: reference.epoch,
            sample: reference.sampleIndex)
          let image = Image(
            planes: batch.images.withUnsafeBufferPointer {
              UnsafeBufferPointer(rebasing: $0[row * 768..<row * 768 + 768])
            }, width: 16, height: 16)
          #expect(image == sample.image)
          #expect(
            Array(batch.masks[row * 256..<row * 256 + 256]) == sample.hole.values.map(Float.init))
          #expect(batch.boxes[row] == sample.hole.box)
        }
      }
    }
  }

  @Test func threadsQueueAndCacheChangeNothing() throws {
    let folder = try folder(count: 11)
    let source = try source(folder)
    for augmentation in [
      Augmentation.none,
      Augmentation(flipsHorizontally: true, cropsRandomly: true, colorJitter: 0.2),
    ] {
      let expected = try steps(source, 0..<6, augmentation: augmentation)
      for settings in [
        LoaderSettings(workerCount: 4), LoaderSettings(workerCount: 3, queueDepth: 1),
        LoaderSettings(workerCount: 4, queueDepth: 9, cacheLimitBytes: 0),
      ] {
        #expect(try steps(source, 0..<6, augmentation: augmentation, settings) == expected)
      }
    }
  }

  @Test(arguments: [1, 2, 4]) func ranksHaveTheReplicasOfOneRankAlone(worldSize: Int) throws {
    let folder = try folder(count: 11)
    let source = try source(folder)
    let expected = try steps(source, 0..<4)
    let shares = try (0..<worldSize).map {
      try steps(source, 0..<4, rank: $0, worldSize: worldSize)
    }
    for step in 0..<4 {
      #expect(Array(shares.map { $0[step] }.joined()) == expected[step])
    }
  }

  @Test func aResumedRunSeesTheSameBatches() throws {
    let folder = try folder(count: 11)
    let source = try source(folder)
    let expected = try steps(source, 0..<6)
    #expect(try steps(source, 4..<6) == Array(expected[4...]))
    #expect(expected[0] != expected[1])
  }

  @Test func aTruncatedImageStopsAtItsStepNamingTheFile() throws {
    let folder = try folder(count: 16)
    try folder.write(encodedPicture(6, "jpg").prefix(400), to: "106.jpg")
    let source = try source(folder)
    let sampler = ShardedSampler(datasetCount: 16, globalBatchSize: 8, replicas: 4, seed: 9)
    let badStep = try #require(
      (0..<2).first { sampler.samples(step: $0).contains { $0.sampleIndex == 6 } })
    for workerCount in [1, 4] {
      let loader = BatchLoader(
        source: source, sampler: sampler, transform: transform(),
        settings: LoaderSettings(workerCount: workerCount))
      for _ in 0..<badStep { _ = try loader.next() }
      for _ in 0..<2 {
        let error = #expect(throws: ImageError.self) { try loader.next() }
        #expect(error?.name.hasSuffix("/106.jpg") == true)
        #expect(throws: ImageError.self) { try loader.waitUntilReady() }
      }
    }
  }

  @Test func ofSeveralErrorsTheFirstInTheBatchCounts() throws {
    let folder = try folder(count: 8)
    for number in 0..<8 {
      try folder.write("", to: "\(100 + number).\(number % 2 == 0 ? "jpg" : "png")")
    }
    let source = try source(folder)
    let sampler = ShardedSampler(datasetCount: 8, globalBatchSize: 8, replicas: 4, seed: 9)
    let expected = source.location(of: sampler.samples(step: 0)[0].sampleIndex)
    for _ in 0..<10 {
      let loader = BatchLoader(
        source: source, sampler: sampler, transform: transform(),
        settings: LoaderSettings(workerCount: 4))
      let error = #expect(throws: ImageError.self) { try loader.next() }
      #expect(error?.name == expected)
    }
  }

  @Test func aLoaderThatNobodyAsksEnds() throws {
    let folder = try folder(count: 8)
    let source = try source(folder)
    let sampler = ShardedSampler(datasetCount: 8, globalBatchSize: 8, replicas: 4, seed: 9)
    for round in 0..<20 {
      let loader = BatchLoader(
        source: source, sampler: sampler, transform: transform(),
        settings: LoaderSettings(workerCount: 3, queueDepth: 2))
      if round % 3 == 0 { try loader.waitUntilReady() }
      if round % 2 == 0 {
        loader.stop()
        loader.stop()
        let error = #expect(throws: DatasetError.self) { try loader.next() }
        #expect(error?.code == .stopped)
      }
    }
  }

  @Test func aRankWithoutReplicasGetsEmptySteps() throws {
    let folder = try folder(count: 8)
    #expect(try steps(source(folder), 0..<3, rank: 0, worldSize: 5) == [[], [], []])
  }
}
