import Images

/// Reads, decodes and transforms single samples, on any thread.
struct SamplePreparation: Sendable {
  let source: any ImageSource
  private let transform: SampleTransform
  private let policy: LoaderSettings.DamagedImagePolicy
  private let cache: ResizedImageCache?

  /// Joins what is needed, with a cache where all resized images fit and are the same in each
  /// epoch.
  init(source: any ImageSource, transform: SampleTransform, settings: LoaderSettings) {
    self.source = source
    self.transform = transform
    policy = settings.damagedImages
    let size = source.count * transform.side * transform.side * 3
    let isCached = size <= settings.cacheLimitBytes && !transform.augmentation.cropsRandomly
    cache = isCached ? ResizedImageCache(count: source.count) : nil
  }

  /// Height and width of the prepared images.
  var side: Int { transform.side }

  /// Prepares a sample, or the one that takes its place where its image is damaged.
  ///
  /// The replacement is the next image of the source that decodes. It keeps the random numbers of
  /// the place that it fills, so that an image that occurs twice in an epoch is not the same sample
  /// twice.
  ///
  /// - Throws: `ImageError` or `DatasetError` naming the file.
  func prepare(_ reference: SampleReference) throws -> PreparedSample {
    var messages: [String] = []
    for offset in 0..<source.count {
      let index = (reference.sampleIndex + offset) % source.count
      let square: ResizedSquare
      do {
        square = try resizedSquare(of: index, reference)
      } catch let error as ImageError where policy == .skip && error.isDamage {
        messages.append("\(error) (skipped)")
        continue
      }
      let sample = try transform.finished(
        square.image, landmarks: square.landmarks, epoch: reference.epoch,
        sample: reference.sampleIndex)
      return PreparedSample(
        image: sample.image, hole: sample.hole,
        summary: PreparedSample.Summary(
          sampleIndex: index, box: sample.hole.box, skipMessages: messages))
    }
    throw DatasetError(
      .undecodableImage, source.location(of: reference.sampleIndex),
      "neither this nor any other image of the source decodes", remedy: "check the folder")
  }

  private func resizedSquare(
    of index: Int, _ reference: SampleReference
  ) throws -> ResizedSquare {
    let make = {
      let image = try source.image(at: index)
      let square = transform.square(
        inWidth: image.width, height: image.height, epoch: reference.epoch,
        sample: reference.sampleIndex)
      return ResizedSquare(
        image: transform.resized(image, square: square),
        landmarks: source.landmarks(of: index)?.mapped(
          from: square, toWidth: transform.side, height: transform.side))
    }
    return try cache?.square(at: index, make: make) ?? make()
  }
}

/// A sample that is ready to be written into a batch.
struct PreparedSample {
  /// What a batch keeps besides the pixels.
  struct Summary {
    let sampleIndex: Int
    let box: Rectangle
    /// One for each damaged image that was passed over.
    let skipMessages: [String]
  }

  let image: Image
  let hole: HoleMask
  let summary: Summary
}

extension ImageError {
  /// True where the bytes are at fault, so that every reader meets the same error at every time.
  fileprivate var isDamage: Bool {
    switch problem {
    case .empty, .unknownFormat, .damaged, .unsupported, .tooLarge, .fileTooLarge: true
    default: false
    }
  }
}
