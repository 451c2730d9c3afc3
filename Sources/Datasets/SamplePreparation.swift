import Images

/// Reads, decodes and transforms single samples, on any thread.
struct SamplePreparation: Sendable {
  let source: any ImageSource
  private let transform: SampleTransform
  private let cache: ResizedImageCache?
  /// What the cache holds once every image was seen.
  let cacheByteCount: Int

  /// Joins what is needed, with a cache where all resized images fit and are the same in each
  /// epoch.
  init(source: any ImageSource, transform: SampleTransform, settings: LoaderSettings) {
    self.source = source
    self.transform = transform
    let size = source.count * transform.side * transform.side * 3
    let isCached = size <= settings.cacheLimitBytes && !transform.augmentation.cropsRandomly
    cache = isCached ? ResizedImageCache(count: source.count) : nil
    cacheByteCount = isCached ? size : 0
  }

  /// Height and width of the prepared images.
  var side: Int { transform.side }

  /// Prepares a sample.
  ///
  /// - Throws: `ImageError` or `DatasetError` naming the file.
  func prepare(_ reference: SampleReference) throws -> SampleTransform.Sample {
    let square = try resizedSquare(reference)
    return try transform.finished(
      square.image, landmarks: square.landmarks, epoch: reference.epoch,
      sample: reference.sampleIndex)
  }

  private func resizedSquare(_ reference: SampleReference) throws -> ResizedSquare {
    let index = reference.sampleIndex
    let make = {
      let image = try source.image(at: index)
      let square = transform.square(
        inWidth: image.width, height: image.height, epoch: reference.epoch, sample: index)
      return ResizedSquare(
        image: transform.resized(image, square: square),
        landmarks: transform.landmarks(source.landmarks(of: index), in: image, square: square))
    }
    return try cache?.square(at: index, make: make) ?? make()
  }
}
