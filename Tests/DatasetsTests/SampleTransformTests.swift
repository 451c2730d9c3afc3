import Datasets
import Images
import TensorCore
import Testing

@Suite struct SampleTransformTests {
  /// A mask kind that shows what it was given.
  private struct LandmarkProbe: MaskKind {
    func mask(
      for subject: MaskSubject, using random: inout CounterBasedRandom
    ) throws(ImageError) -> HoleMask {
      // One missing pixel: where the left eye is.
      let eye = subject.landmarks?.leftEye ?? FaceLandmarks.Point(x: 0, y: 0)
      return HoleMask(width: subject.width, height: subject.height) { row, column in
        row == Int(eye.y) && column == Int(eye.x)
      }
    }
  }

  private func gradient(width: Int, height: Int) -> Image {
    var image = Image(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width {
        image.pixels[(row * width + column) * 3] = UInt8(row)
        image.pixels[(row * width + column) * 3 + 1] = UInt8(column)
      }
    }
    return image
  }

  @Test func theCentredSquareIsCutAndResized() throws {
    let image = gradient(width: 178, height: 218)
    let square = image.cropped(to: Rectangle(top: 20, left: 0, height: 178, width: 178))
    let transform = SampleTransform(side: 64, masks: RectangleMask.centre, seed: 1)
    let sample = try transform(image, epoch: 0, sample: 0)
    #expect(sample.image == square.resized(width: 64, height: 64))
    #expect(sample.hole.box == Rectangle(top: 16, left: 16, height: 32, width: 32))
    // A smaller image gives its largest square, and so does crop 0.
    let small = gradient(width: 31, height: 24)
    let expected = small.cropped(to: Rectangle(top: 0, left: 3, height: 24, width: 24))
    #expect(
      try transform(small, epoch: 0, sample: 0).image == expected.resized(width: 64, height: 64))
    let whole = SampleTransform(side: 218, crop: 0, masks: RectangleMask.centre, seed: 1)
    let wide = gradient(width: 250, height: 218)
    #expect(try whole(wide, epoch: 0, sample: 0).image == wide.centreSquare())
  }

  @Test func holesAreAFunctionOfSeedEpochAndSample() throws {
    let image = gradient(width: 64, height: 64)
    func hole(seed: UInt64, epoch: Int, sample: Int) throws -> HoleMask {
      try SampleTransform(side: 64, masks: RectangleMask(), seed: seed)(
        image, epoch: epoch, sample: sample
      ).hole
    }
    let first = try hole(seed: 1, epoch: 2, sample: 3)
    #expect(try hole(seed: 1, epoch: 2, sample: 3) == first)
    #expect(try hole(seed: 2, epoch: 2, sample: 3) != first)
    #expect(try hole(seed: 1, epoch: 3, sample: 3) != first)
    #expect(try hole(seed: 1, epoch: 2, sample: 4) != first)
  }

  @Test func landmarksFollowCropResizeAndFlip() throws {
    let image = gradient(width: 100, height: 120)
    let landmarks = FaceLandmarks(
      leftEye: .init(x: 30.5, y: 40.5), rightEye: .init(x: 80.5, y: 40.5),
      nose: .init(x: 50, y: 60), leftMouth: .init(x: 35, y: 80), rightMouth: .init(x: 70, y: 80))
    let plain = SampleTransform(side: 50, masks: LandmarkProbe(), seed: 1)
    let flipping = SampleTransform(
      side: 50, augmentation: Augmentation(flipsHorizontally: true), masks: LandmarkProbe(),
      seed: 1)
    let sample = try plain(image, landmarks: landmarks, epoch: 0, sample: 0)
    // Ten rows are cut off at the top, then everything is halved.
    #expect(sample.hole.values.firstIndex(of: 1) == 15 * 50 + 15)
    var flips = 0
    for number in 0..<40 {
      let result = try flipping(image, landmarks: landmarks, epoch: 0, sample: number)
      if result.image == sample.image {
        #expect(result.hole == sample.hole)
        continue
      }
      flips += 1
      #expect(result.image == sample.image.flippedHorizontally())
      // The eye at the left of the mirrored image was the right one: 80.5 / 2 from the other edge.
      #expect(result.hole.values.firstIndex(of: 1) == 15 * 50 + 9)
    }
    #expect((8...32).contains(flips))
  }

  @Test func randomCropsAreSquaresOfTheImage() throws {
    let image = gradient(width: 40, height: 50)
    let transform = SampleTransform(
      side: 20, crop: 20, augmentation: Augmentation(cropsRandomly: true),
      masks: RectangleMask.centre, seed: 1)
    var corners = Set<[UInt8]>()
    for sample in 0..<50 {
      let result = try transform(image, epoch: 0, sample: sample).image
      let (top, left) = (result.pixels[0], result.pixels[1])
      corners.insert([top, left])
      let square = Rectangle(top: Int(top), left: Int(left), height: 20, width: 20)
      #expect(result == image.cropped(to: square))
    }
    #expect(corners.count > 30)
  }

  @Test func colorJitterIsSmallAndOffByDefault() throws {
    var image = gradient(width: 16, height: 16)
    image.pixels = image.pixels.map { $0 + 100 }
    let jittering = SampleTransform(
      side: 16, augmentation: Augmentation(colorJitter: 0.1), masks: RectangleMask.centre,
      seed: 1)
    let plain = SampleTransform(side: 16, masks: RectangleMask.centre, seed: 1)
    #expect(try plain(image, epoch: 0, sample: 0).image == image)
    var results = Set<[UInt8]>()
    for sample in 0..<10 {
      let result = try jittering(image, epoch: 0, sample: sample).image
      results.insert(result.pixels)
      for (before, after) in zip(image.pixels, result.pixels) {
        #expect(abs(Int(before) - Int(after)) < 20)
      }
    }
    #expect(results.count == 10)
  }
}
