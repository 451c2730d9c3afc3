import Images

/// How long the parts of a sample's preparation take on one thread.
package struct PreparationTiming: Sendable {
  /// Images that were prepared.
  package private(set) var imageCount = 0
  /// Seconds to read the images' files.
  package private(set) var readSeconds = 0.0
  /// Seconds to decode them.
  package private(set) var decodeSeconds = 0.0
  /// Seconds to crop and resize them.
  package private(set) var resizeSeconds = 0.0
  /// Seconds to draw their holes, and to augment them where that is asked for.
  package private(set) var maskSeconds = 0.0
  /// Seconds to write them into a batch.
  package private(set) var writeSeconds = 0.0

  /// Seconds of all parts.
  package var seconds: Double {
    readSeconds + decodeSeconds + resizeSeconds + maskSeconds + writeSeconds
  }

  /// Prepares the first images of a source, one after another, on the calling thread.
  ///
  /// - Parameters:
  ///   - source: The images.
  ///   - transform: What is done to each.
  ///   - count: Images to prepare; from the first again where the source has fewer.
  /// - Throws: What is wrong with an image, naming its file.
  package init(source: any ImageSource, transform: SampleTransform, count: Int) throws {
    let planes = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: 3 * transform.side * transform.side)
    defer { planes.deallocate() }
    var last = ContinuousClock.now
    func lap() -> Double {
      let now = ContinuousClock.now
      defer { last = now }
      return (now - last) / .seconds(1)
    }
    // The first image pays for the caches of code and tables.
    for number in -1..<count {
      if number == 0 { self = PreparationTiming() }
      let index = max(number, 0) % source.count
      _ = lap()
      let bytes = try source.encodedImage(at: index)
      readSeconds += lap()
      let image = try Image(
        decoding: bytes, name: source.location(of: index), colors: .sRGB)
      decodeSeconds += lap()
      let square = transform.square(
        inWidth: image.width, height: image.height, epoch: 0, sample: index)
      let resized = transform.resized(image, square: square)
      resizeSeconds += lap()
      let landmarks = transform.landmarks(source.landmarks(of: index), in: image, square: square)
      let sample = try transform.finished(resized, landmarks: landmarks, epoch: 0, sample: index)
      maskSeconds += lap()
      sample.image.writePlanes(to: planes)
      writeSeconds += lap()
      imageCount += 1
    }
  }

  private init() {}
}
