import Images

/// Renders one scene.
struct FaceRenderer: Sendable {
  /// Mean landmarks of aligned pictures: eyes, nose, corners of the mouth; left ones first.
  static let meanLandmarks: [SIMD2<Float>] = [
    SIMD2(69.4, 111.4), SIMD2(108.1, 111.3), SIMD2(88.3, 135.2), SIMD2(72.6, 152.1),
    SIMD2(105.2, 152),
  ]

  private let scene: FaceScene
  private let noise: LatticeNoise
  private let hair: HairLayer
  private let skin: SkinShader
  private let body: BodyLayer
  private let film: Film
  private let projection: HeadProjection
  private let alignment: Similarity
  /// Eyes, nose and corners of the mouth in the 178x218 picture.
  private let features: [SIMD2<Float>]

  /// Prepares a scene.
  init(_ scene: FaceScene) {
    self.scene = scene
    let identity = scene.identity
    let noise = LatticeNoise(salt: scene.noiseSalt)
    self.noise = noise
    let mouth = MouthShape(of: identity, expression: scene.expression)
    skin = SkinShader(scene, mouth: mouth, noise: noise)
    body = BodyLayer(scene, skin: skin, noise: noise)
    hair = HairLayer(
      of: identity, pose: scene.pose, underHat: scene.hat != nil, noise: noise)
    film = Film(exposure: scene.exposure, grain: scene.grain, salt: scene.noiseSalt &+ 1)
    let projection = HeadProjection(
      head: identity.head, pose: scene.pose,
      relief: FaceRelief(of: identity, expression: scene.expression, mouth: mouth))
    self.projection = projection

    let seen = [
      SIMD2<Float>(-EyeShape.centerX, 0), SIMD2(EyeShape.centerX, 0), SIMD2(0, 24),
      SIMD2(-mouth.halfWidth, mouth.cornerRow), SIMD2(mouth.halfWidth, mouth.cornerRow),
    ].map { projection.view(ofX: $0.x, y: $0.y) }
    let error = scene.alignmentError
    let alignment = Similarity(aligning: seen, to: FaceRenderer.meanLandmarks).adjusted(
      roll: error.roll, scale: error.scale, around: SIMD2(89, 128), shift: SIMD2(error.x, error.y))
    self.alignment = alignment
    features = seen.map { alignment($0) }
  }

  /// Left eye, right eye, nose, left and right corner of the mouth in the picture of a size.
  func landmarks(width: Int, height: Int) -> [SIMD2<Float>] {
    let frame = PixelFrame(width: width, height: height, alignment: alignment)
    return features.map { frame.pixelPosition($0) }
  }

  /// The picture at a size.
  ///
  /// The largest part of the 178x218 picture with the size's aspect ratio is shown, centred; small
  /// pictures are averaged from a larger one.
  func image(width: Int, height: Int) -> Image {
    let frame = PixelFrame(width: width, height: height, alignment: alignment)
    let factor = max(1, Int((0.7 / frame.scale).rounded(.up)))
    let fine = PixelFrame(width: width * factor, height: height * factor, alignment: alignment)
    let light = render(fine)

    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    let weight = 1 / Float(factor * factor)
    for row in 0..<height {
      for column in 0..<width {
        var sum = LinearColor()
        for y in row * factor..<(row + 1) * factor {
          for x in column * factor..<(column + 1) * factor {
            sum += light[y * fine.width + x]
          }
        }
        let value = film.developed(sum * weight, row: row, column: column)
        let position = (row * width + column) * 3
        (pixels[position], pixels[position + 1], pixels[position + 2]) = (value.x, value.y, value.z)
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func render(_ frame: PixelFrame) -> [LinearColor] {
    let field = HeadField(frame: frame, projection: projection)
    return [LinearColor](unsafeUninitializedCapacity: frame.width * frame.height) { light, count in
      for row in 0..<frame.height {
        for column in 0..<frame.width {
          light.initializeElement(
            at: row * frame.width + column,
            to: color(row: row, column: column, frame: frame, field: field))
        }
      }
      count = frame.width * frame.height
    }
  }

  /// The light at a pixel: all layers from back to front.
  private func color(
    row: Int, column: Int, frame: PixelFrame, field: HeadField
  ) -> LinearColor {
    let reference = frame.reference(row: row, column: column)
    let view = frame.view(reference)
    let pixel = frame.pixel
    let sample = hair.sample(view.x, view.y)
    let hairCovered = hair.frontCoverage(of: sample, pixel: pixel)

    var result = LinearColor()
    if hairCovered < 1 {
      result = scene.backdrop.color(x: reference.x, y: reference.y)
      result = behindHead(over: result, view: view, sample: sample, pixel: pixel)
      if view.y > 20 {
        let jaw = field.distance(row: row, column: column, offset: body.jawShadowOffset)
        result = body.paint(over: result, view: view, pixel: pixel, jawDistance: jaw)
      }
      result = body.paintEar(over: result, view: view, pixel: pixel, nearer: false)
      let point = field[row, column]
      let covered = coverage(point.distance, softness: 0.5 * pixel + 0.6)
      if covered > 0 {
        let face = skin.face(
          at: point, normal: field.normal(row: row, column: column),
          ownShadow: field.shadow(row: row, column: column, light: scene.light.direction),
          hairShade: 1 - 0.45 * smoothstep(7, -1, sample.distance), pixel: pixel)
        result = mix(result, face, covered)
      }
      result = body.paintEar(over: result, view: view, pixel: pixel, nearer: true)
      if let glasses = scene.glasses {
        result = glasses.paint(
          over: result, viewX: view.x, viewY: view.y, pose: scene.pose,
          frontDepth: scene.identity.head.halfDepth + 3, faceDistance: point.distance,
          pixel: pixel, light: scene.light)
      }
    }
    if hairCovered > 0 {
      let lit = hair.shade(
        view.x, view.y, sample: sample, light: scene.light, openness: 0.9, pixel: pixel)
      result = mix(result, lit, hairCovered)
    }
    if let hat = scene.hat {
      result = hat.paint(
        over: result, viewX: view.x, viewY: view.y, pose: scene.pose, head: scene.identity.head,
        pixel: pixel, light: scene.light, noise: noise)
    }
    return result
  }

  /// Hair behind neck and ears.
  private func behindHead(
    over background: LinearColor, view: SIMD2<Float>, sample: HairLayer.Sample, pixel: Float
  ) -> LinearColor {
    let covered = hair.backCoverage(view.x, view.y, sample: sample, pixel: pixel)
    guard covered > 0 else { return background }
    var behind = sample
    behind.normal = normalized(SIMD3(view.x / 60, 0, 0.8))
    behind.fromSkin = 4
    let lit = hair.shade(
      view.x, view.y, sample: behind, light: scene.light, openness: 0.45, pixel: pixel)
    return mix(background, lit * 0.5, covered)
  }
}
