import Images
import SyntheticFaces
import Testing

@Suite("Synthetic faces")
struct SyntheticFaceTests {
  @Test("The same seed and index give the same picture, others give others")
  func determinism() {
    let image = SyntheticFace(seed: 5, index: 3).image(width: 64, height: 64)
    #expect(SyntheticFace(seed: 5, index: 3).image(width: 64, height: 64) == image)
    #expect(SyntheticFace(seed: 6, index: 3).image(width: 64, height: 64) != image)
    #expect(SyntheticFace(seed: 5, index: 4).image(width: 64, height: 64) != image)
  }

  @Test("Any two faces of a set differ visibly")
  func variety() {
    let images = (0..<40).map { SyntheticFace(seed: 1, index: $0).image(width: 32, height: 32) }
    for (number, a) in images.enumerated() {
      for b in images[..<number] {
        #expect(meanDifference(a, b) > 8)
      }
    }
  }

  @Test("Four of each 64 neighbours show one person, and neighbours never do")
  func identities() {
    let faces = (0..<192).map { SyntheticFace(seed: 2, index: $0) }
    let counts = Dictionary(grouping: faces, by: \.identity).mapValues(\.count)
    #expect(counts.count == 48)
    #expect(counts.values.allSatisfy { $0 == 4 })
    #expect(Set(faces.map(\.identity)) == Set(1...48))
    for block in 0..<12 {
      #expect(Set(faces[block * 16..<(block + 1) * 16].map(\.identity)).count == 16)
    }
    // What belongs to the person does not change between pictures.
    let lasting: Set<SyntheticFaceAttribute> = [.young, .paleSkin, .goatee, .mustache, .bigNose]
    for face in faces[..<16] {
      let others = faces.filter { $0.identity == face.identity }
      #expect(
        others.allSatisfy {
          $0.attributes.intersection(lasting) == face.attributes.intersection(lasting)
        })
    }
  }

  @Test("Landmarks lie near the published mean and move with the pose")
  func landmarkPositions() {
    let mean: [SIMD2<Float>] = [
      SIMD2(69, 111), SIMD2(108, 111), SIMD2(88, 135), SIMD2(73, 152), SIMD2(105, 152),
    ]
    var noseShifts: [Float] = []
    for index in 0..<100 {
      let landmarks = SyntheticFace(seed: 3, index: index).landmarks().points
      #expect(landmarks.count == 5)
      for (point, expected) in zip(landmarks, mean) {
        #expect(distance(point, expected) < 14, "face \(index)")
      }
      noseShifts.append(landmarks[2].x - (landmarks[0].x + landmarks[1].x) / 2)
    }
    #expect((noseShifts.max() ?? 0) > 5)
    #expect((noseShifts.min() ?? 0) < -5)
  }

  @Test("Landmarks of a square are those of the picture it is cut from")
  func landmarkScaling() {
    let face = SyntheticFace(seed: 4, index: 9)
    for (square, full) in zip(face.landmarks(width: 64, height: 64).points, face.landmarks().points)
    {
      let expected = SIMD2(full.x, full.y - 20) * (64.0 / 178)
      #expect(distance(square, expected) < 0.01)
    }
  }

  @Test("At the eyes' landmarks are dark pupils, beside them lighter skin")
  func pupils() {
    var contrasts = 0
    var controls = 0
    let count = 30
    for index in 0..<count {
      let face = SyntheticFace(seed: 7, index: index)
      guard !face.attributes.contains(.eyeglasses) else {
        contrasts += 2
        continue
      }
      let image = face.image()
      let landmarks = face.landmarks().points
      for (eye, cheekSide) in [(landmarks[0], Float(-2)), (landmarks[1], 2)] {
        let pupil = darkest(image, around: eye, radius: 3)
        let cheek = mean(image, around: eye + SIMD2(cheekSide, 19), radius: 2)
        if pupil < 0.6 * cheek { contrasts += 1 }
        // The same question one cheek further down must be answered with no.
        let lower = darkest(image, around: eye + SIMD2(cheekSide, 19), radius: 2)
        if lower < 0.6 * cheek { controls += 1 }
      }
    }
    #expect(contrasts >= 2 * count - 4)
    #expect(controls < count / 3)
  }

  @Test("Lips at the mouth's landmarks are redder than the cheek")
  func lips() {
    var redder = 0
    var total = 0
    for index in 0..<30 {
      let face = SyntheticFace(seed: 8, index: index)
      guard face.attributes.isDisjoint(with: [.mustache, .goatee, .mouthSlightlyOpen]) else {
        continue
      }
      let (image, landmarks) = (face.image(), face.landmarks().points)
      let lips = redness(image, at: 0.5 * (landmarks[3] + landmarks[4]) + SIMD2(0, 3))
      let cheek = redness(image, at: 0.5 * (landmarks[2] + landmarks[3]) + SIMD2(-8, -4))
      total += 1
      if lips > cheek { redder += 1 }
    }
    #expect(total > 10)
    #expect(redder >= total * 9 / 10)
  }

  @Test("Every attribute occurs, and none is in every face")
  func attributes() {
    let faces = (0..<1280).map { SyntheticFace(seed: 1, index: $0) }
    for attribute in SyntheticFaceAttribute.allCases {
      let count = faces.count { $0.attributes.contains(attribute) }
      #expect(count > 5, "\(attribute.rawValue)")
      #expect(count < 1200, "\(attribute.rawValue)")
    }
  }

  @Test("A small picture shows what the large one shows", arguments: [48, 64, 100])
  func sizes(side: Int) {
    let face = SyntheticFace(seed: 9, index: 1)
    let full = face.image(width: 178, height: 178)
    let reduced = full.resized(width: side, height: side)
    let small = face.image(width: side, height: side)
    #expect(meanDifference(reduced, small) < 5)
    let other = SyntheticFace(seed: 9, index: 2).image(width: side, height: side)
    #expect(meanDifference(reduced, other) > 10)
  }

  @Test("Odd sizes are drawn", arguments: [(1, 1), (3, 200), (200, 3), (178, 218), (300, 300)])
  func oddSizes(width: Int, height: Int) {
    let image = SyntheticFace(seed: 1, index: 0).image(width: width, height: height)
    #expect((image.width, image.height, image.channels) == (width, height, 3))
  }
}

extension FaceLandmarks {
  /// The points in the order of CelebA's list.
  fileprivate var points: [SIMD2<Float>] {
    [leftEye, rightEye, nose, leftMouth, rightMouth].map { SIMD2(Float($0.x), Float($0.y)) }
  }
}

private func distance(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Float {
  ((a - b) * (a - b)).sum().squareRoot()
}

private func meanDifference(_ a: Image, _ b: Image) -> Double {
  let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  return Double(sum) / Double(a.pixels.count)
}

/// The grey levels of the square of pixels around a point.
private func levels(_ image: Image, around point: SIMD2<Float>, radius: Int) -> [Float] {
  let (column, row) = (Int(point.x), Int(point.y))
  var result: [Float] = []
  for y in row - radius...row + radius {
    for x in column - radius...column + radius {
      let position = (y * image.width + x) * 3
      result.append(image.pixels[position..<position + 3].reduce(0) { $0 + Float($1) } / 3)
    }
  }
  return result
}

private func darkest(_ image: Image, around point: SIMD2<Float>, radius: Int) -> Float {
  levels(image, around: point, radius: radius).min() ?? 0
}

private func mean(_ image: Image, around point: SIMD2<Float>, radius: Int) -> Float {
  let values = levels(image, around: point, radius: radius)
  return values.reduce(0, +) / Float(values.count)
}

private func redness(_ image: Image, at point: SIMD2<Float>) -> Float {
  let position = (Int(point.y) * image.width + Int(point.x)) * 3
  return Float(image.pixels[position]) / max(1, Float(image.pixels[position + 1]))
}
