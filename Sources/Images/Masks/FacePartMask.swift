package import TensorCore

/// Holes over parts of a face: eyes, nose, mouth, lower face.
///
/// Parts are ellipses that turn with the line through the eyes and whose sizes are multiples of the
/// eyes' distance. Without landmarks, `FaceLandmarks.canonical` stands in.
package struct FacePartMask: MaskKind {
  /// A part of the face; left and right are the viewer's.
  package enum Part: String, CaseIterable, Sendable {
    case leftEye = "left_eye"
    case rightEye = "right_eye"
    case eyes
    case nose
    case mouth
    case lowerFace = "lower_face"
  }

  /// One of these is drawn for each picture.
  package let parts: [Part]
  /// The ellipses' sizes are multiplied by a number drawn from this range.
  package let scale: ClosedRange<Double>

  /// Holes over one of several parts.
  ///
  /// - Precondition: There is a part, and the scale is positive.
  package init(_ parts: [Part] = Part.allCases, scale: ClosedRange<Double> = 1...1.25) {
    precondition(!parts.isEmpty && scale.lowerBound > 0, "no part of a face, or no size")
    (self.parts, self.scale) = (parts, scale)
  }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    let part = parts[random.integer(in: 0...parts.count - 1)]
    let size = random.uniform(in: scale)
    let (width, height) = (subject.width, subject.height)
    let landmarks =
      subject.landmarks ?? .canonical(width: width, height: height)
    let ellipses = FaceFrame(landmarks).ellipses(over: part, scale: size)
      .map { $0.moved(intoWidth: width, height: height) }
    return HoleMask(width: width, height: height) { row, column in
      let (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
      return ellipses.contains { $0.contains(x: x, y: y) }
    }
  }
}

/// The coordinates of a face: the direction from the left eye to the right one, and sizes in units
/// of the eyes' distance.
private struct FaceFrame {
  private let landmarks: FaceLandmarks
  private let eyeDistance: Double
  private let right: (x: Double, y: Double)

  init(_ landmarks: FaceLandmarks) {
    self.landmarks = landmarks
    let (x, y) = (
      landmarks.rightEye.x - landmarks.leftEye.x, landmarks.rightEye.y - landmarks.leftEye.y
    )
    // Two eyes in one place have no direction; one pixel keeps the sizes positive.
    let distance = (x * x + y * y).squareRoot()
    eyeDistance = max(distance, 1)
    right = distance > 0 ? (x / distance, y / distance) : (1, 0)
  }

  func ellipses(over part: FacePartMask.Part, scale: Double) -> [Ellipse] {
    let eyes = middle(landmarks.leftEye, landmarks.rightEye)
    let mouth = middle(landmarks.leftMouth, landmarks.rightMouth)
    func ellipse(_ centre: FaceLandmarks.Point, across: Double, along: Double) -> Ellipse {
      Ellipse(
        centre: centre, halfWidth: across * eyeDistance * scale,
        halfHeight: along * eyeDistance * scale, right: right)
    }
    switch part {
    case .leftEye: return [ellipse(landmarks.leftEye, across: 0.42, along: 0.32)]
    case .rightEye: return [ellipse(landmarks.rightEye, across: 0.42, along: 0.32)]
    case .eyes: return [ellipse(eyes, across: 1, along: 0.36)]
    case .nose:
      return [
        ellipse(middle(middle(eyes, landmarks.nose), landmarks.nose), across: 0.4, along: 0.5)
      ]
    case .mouth: return [ellipse(mouth, across: 0.72, along: 0.38)]
    case .lowerFace:
      // From under the nose to the chin.
      let drop = 0.22 * eyeDistance
      let centre = FaceLandmarks.Point(x: mouth.x - drop * right.y, y: mouth.y + drop * right.x)
      return [ellipse(centre, across: 1.05, along: 0.6)]
    }
  }

  private func middle(
    _ a: FaceLandmarks.Point, _ b: FaceLandmarks.Point
  ) -> FaceLandmarks.Point {
    FaceLandmarks.Point(x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
  }
}

private struct Ellipse {
  var centre: FaceLandmarks.Point
  let halfWidth: Double
  let halfHeight: Double
  /// The unit vector along the width.
  let right: (x: Double, y: Double)

  /// The ellipse with its centre on the nearest pixel of the image, so that it always has a pixel.
  func moved(intoWidth width: Int, height: Int) -> Ellipse {
    var moved = self
    moved.centre.x = min(max(centre.x, 0.5), Double(width) - 0.5)
    moved.centre.y = min(max(centre.y, 0.5), Double(height) - 0.5)
    return moved
  }

  func contains(x: Double, y: Double) -> Bool {
    let (dx, dy) = (x - centre.x, y - centre.y)
    let across = (dx * right.x + dy * right.y) / max(halfWidth, 0.75)
    let along = (dy * right.x - dx * right.y) / max(halfHeight, 0.75)
    return across * across + along * along <= 1
  }
}
