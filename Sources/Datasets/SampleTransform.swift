package import Images
import TensorCore

/// Turns a decoded image into a training sample: square, resized, perhaps augmented, with a hole.
///
/// Everything random is a function of (seed, epoch, sample).
package struct SampleTransform: Sendable {
  /// Height and width of the result.
  package let side: Int
  /// Side of the square that is cut out before resizing, at most the image's shorter side; 0 takes
  /// that.
  package let crop: Int
  /// Random changes to the image.
  package var augmentation: Augmentation
  /// Draws the holes.
  package var masks: any MaskKind
  /// The run's seed.
  package let seed: UInt64

  /// Makes a transform.
  ///
  /// - Precondition: `side` is positive, `crop` is not negative.
  package init(
    side: Int, crop: Int = 178, augmentation: Augmentation = .none, masks: any MaskKind,
    seed: UInt64
  ) {
    precondition(side > 0 && crop >= 0, "no image has side \(side), no crop side \(crop)")
    self.side = side
    self.crop = crop
    self.augmentation = augmentation
    self.masks = masks
    self.seed = seed
  }

  /// An image of the right size with a hole of its own.
  package struct Sample: Sendable {
    /// The image, `side` x `side`, three channels.
    package let image: Image
    /// The hole, and the discriminator's local crop.
    package let hole: HoleMask
  }

  /// Prepares one image.
  ///
  /// - Parameters:
  ///   - image: The decoded image, three channels.
  ///   - landmarks: The points of the face in the decoded image; nil takes the canonical ones.
  ///   - epoch: Chooses the random numbers, with `sample`.
  ///   - sample: Chooses the random numbers, with `epoch`.
  /// - Returns: The sample.
  /// - Throws: `ImageError` where the hole is read from a file that cannot be used.
  package func callAsFunction(
    _ image: Image, landmarks: FaceLandmarks? = nil, epoch: Int, sample: Int
  ) throws -> Sample {
    let square = square(inWidth: image.width, height: image.height, epoch: epoch, sample: sample)
    return try finished(
      resized(image, square: square),
      landmarks: self.landmarks(landmarks, in: image, square: square),
      epoch: epoch, sample: sample)
  }

  /// The square of the image that is used: centred, or anywhere if crops are random.
  func square(inWidth width: Int, height: Int, epoch: Int, sample: Int) -> Rectangle {
    let squareSide = min(width, height, crop == 0 ? .max : crop)
    let (freeRows, freeColumns) = (height - squareSide, width - squareSide)
    var (top, left) = (freeRows / 2, freeColumns / 2)
    if augmentation.cropsRandomly {
      var random = CounterBasedRandom(seed: seed, purpose: .crop, epoch: epoch, sample: sample)
      top = random.integer(in: 0...freeRows)
      left = random.integer(in: 0...freeColumns)
    }
    return Rectangle(top: top, left: left, height: squareSide, width: squareSide)
  }

  /// The square, resized to the side.
  func resized(_ image: Image, square: Rectangle) -> Image {
    let cut = square == image.bounds ? image : image.cropped(to: square)
    return cut.resized(width: side, height: side)
  }

  /// The points of the face in the resized square of an image.
  func landmarks(
    _ known: FaceLandmarks?, in image: Image, square: Rectangle
  ) -> FaceLandmarks {
    (known ?? .canonical(width: image.width, height: image.height))
      .mapped(from: square, toWidth: side, height: side)
  }

  /// What is left to do with the resized square: flip, colour, hole.
  ///
  /// - Parameters:
  ///   - square: The resized square.
  ///   - landmarks: The points of the face in it.
  ///   - epoch: Chooses the random numbers, with `sample`.
  ///   - sample: Chooses the random numbers, with `epoch`.
  /// - Returns: The sample.
  /// - Throws: `ImageError` where the hole is read from a file that cannot be used.
  func finished(
    _ square: Image, landmarks: FaceLandmarks, epoch: Int, sample: Int
  ) throws -> Sample {
    func random(_ purpose: RandomPurpose) -> CounterBasedRandom {
      CounterBasedRandom(seed: seed, purpose: purpose, epoch: epoch, sample: sample)
    }
    var (image, landmarks) = (square, landmarks)
    if augmentation.flipsHorizontally {
      var random = random(.flip)
      if random.integer(in: 0...1) == 1 {
        image = image.flippedHorizontally()
        landmarks = landmarks.flippedHorizontally(width: side)
      }
    }
    if augmentation.colorJitter > 0 {
      var random = random(.colorJitter)
      image = image.colorJittered(strength: augmentation.colorJitter, random: &random)
    }
    var random = random(.mask)
    let hole = try masks.mask(
      for: MaskSubject(width: side, height: side, landmarks: landmarks), using: &random)
    return Sample(image: image, hole: hole)
  }
}
