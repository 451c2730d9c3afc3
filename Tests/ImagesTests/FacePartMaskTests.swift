import Images
import TensorCore
import Testing

@Suite struct FacePartMaskTests {
  private typealias Point = FaceLandmarks.Point

  private func mask(
    _ part: FacePartMask.Part, landmarks: FaceLandmarks? = nil, side: Int = 128
  ) -> HoleMask {
    var random = testRandom(14)
    return FacePartMask([part], scale: 1...1).mask(
      for: MaskSubject(width: side, height: side, landmarks: landmarks), using: &random)
  }

  private func covers(_ mask: HoleMask, _ point: FaceLandmarks.Point) -> Bool {
    mask.values[Int(point.y) * mask.width + Int(point.x)] == 1
  }

  @Test func partsCoverTheirLandmarksAndNoOthers() {
    let face = FaceLandmarks.canonical(width: 128, height: 128)
    let all = [face.leftEye, face.rightEye, face.nose, face.leftMouth, face.rightMouth]
    let expected: [FacePartMask.Part: [Bool]] = [
      .leftEye: [true, false, false, false, false], .rightEye: [false, true, false, false, false],
      .eyes: [true, true, false, false, false], .nose: [false, false, true, false, false],
      .mouth: [false, false, false, true, true], .lowerFace: [false, false, false, true, true],
    ]
    for part in FacePartMask.Part.allCases {
      let mask = mask(part)
      #expect(all.map { covers(mask, $0) } == expected[part], "\(part)")
    }
  }

  @Test func withoutLandmarksTheCanonicalOnesAreTaken() {
    let face = FaceLandmarks.canonical(width: 128, height: 128)
    for part in FacePartMask.Part.allCases {
      #expect(mask(part) == mask(part, landmarks: face))
    }
    var shifted = face
    shifted.nose.x += 10
    #expect(mask(.nose, landmarks: shifted) != mask(.nose))
  }

  /// The canonical places follow what `inpaint` does to a picture: its centred square, resized.
  @Test(arguments: [(178, 218), (178, 178), (1024, 1024), (64, 64), (89, 109), (300, 100)])
  func canonicalLandmarksAreThoseOfTheAlignedPicture(width: Int, height: Int) {
    let face = FaceLandmarks.canonical(width: width, height: height)
    let scale = max(Double(width) / 178, Double(height) / 218)
    let (x, y) = (88 * scale, 135 * scale)
    #expect(abs(face.nose.x - (x - (178 * scale - Double(width)) / 2)) < 1e-9)
    #expect(abs(face.nose.y - (y - (218 * scale - Double(height)) / 2)) < 1e-9)
    if width == 178 && height == 218 { #expect(face == .alignedCelebA) }
    if width == height {
      let square = FaceLandmarks.alignedCelebA.mapped(
        from: Rectangle(top: 20, left: 0, height: 178, width: 178), toWidth: width, height: height)
      #expect(abs(face.leftEye.y - square.leftEye.y) < 1e-9)
      #expect(abs(face.rightMouth.x - square.rightMouth.x) < 1e-9)
    }
  }

  @Test func mirroredFacesHaveMirroredHoles() {
    var random = testRandom(15)
    for _ in 0..<20 {
      // Half pixels, so that mirroring is exact.
      func jittered(_ x: Double, _ y: Double) -> Point {
        Point(
          x: x + Double(random.integer(in: -10...10)) / 2,
          y: y + Double(random.integer(in: -10...10)) / 2)
      }
      let face = FaceLandmarks(
        leftEye: jittered(45, 50), rightEye: jittered(80, 50), nose: jittered(63, 70),
        leftMouth: jittered(48, 90), rightMouth: jittered(78, 90))
      let mirrored = face.flippedHorizontally(width: 128)
      #expect(mirrored.flippedHorizontally(width: 128) == face)
      #expect(
        mask(.leftEye, landmarks: mirrored).values
          == mask(.rightEye, landmarks: face).flippedHorizontally().values)
    }
  }

  @Test func landmarksFollowCropAndResize() {
    let crop = Rectangle(top: 20, left: 0, height: 178, width: 178)
    let face = FaceLandmarks.alignedCelebA.mapped(from: crop, toWidth: 89, height: 89)
    #expect(face.leftEye == Point(x: 34.5, y: 45.5))
  }

  @Test func landmarksOutsideStillGiveAHole() {
    let far = Point(x: -500, y: 900)
    let face = FaceLandmarks(
      leftEye: far, rightEye: far, nose: far, leftMouth: far, rightMouth: far)
    for part in FacePartMask.Part.allCases {
      #expect(mask(part, landmarks: face, side: 32).holeArea > 0)
    }
  }
}
