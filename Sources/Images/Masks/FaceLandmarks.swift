/// Where the parts of a face are, in pixels from the top left corner.
///
/// Left and right are the viewer's, as in CelebA's list.
package struct FaceLandmarks: Equatable, Sendable, Codable {
  /// A place between pixels.
  package struct Point: Equatable, Sendable, Codable {
    /// Pixels from the left edge.
    package var x: Double
    /// Pixels from the top edge.
    package var y: Double

    /// A place by its distances from the left and from the top edge.
    package init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
  }

  package var leftEye: Point
  package var rightEye: Point
  package var nose: Point
  package var leftMouth: Point
  package var rightMouth: Point

  /// Five points in the order of CelebA's list.
  package init(
    leftEye: Point, rightEye: Point, nose: Point, leftMouth: Point, rightMouth: Point
  ) {
    (self.leftEye, self.rightEye, self.nose) = (leftEye, rightEye, nose)
    (self.leftMouth, self.rightMouth) = (leftMouth, rightMouth)
  }

  /// Where the parts of nearly every face are in CelebA's aligned pictures of 178 x 218 pixels.
  ///
  /// The alignment puts both eyes and the mouth to the same places up to a few pixels.
  package static let alignedCelebA = FaceLandmarks(
    leftEye: Point(x: 69, y: 111), rightEye: Point(x: 108, y: 111), nose: Point(x: 88, y: 135),
    leftMouth: Point(x: 72, y: 152), rightMouth: Point(x: 105, y: 152))

  /// Where the parts of a face are taken to be in a picture whose landmarks nobody knows.
  ///
  /// The picture is taken for the largest centred part of an aligned CelebA picture that has its
  /// proportions, resized: square pictures for rows 20 to 197.
  package static func canonical(width: Int, height: Int) -> FaceLandmarks {
    let (fullWidth, fullHeight) = (178.0, 218.0)
    let scale = min(fullWidth / Double(width), fullHeight / Double(height))
    let left = (fullWidth - Double(width) * scale) / 2
    let top = (fullHeight - Double(height) * scale) / 2
    return alignedCelebA.mapped { Point(x: ($0.x - left) / scale, y: ($0.y - top) / scale) }
  }

  /// The landmarks after a part of the picture was cut out and resized.
  ///
  /// - Parameters:
  ///   - crop: The rectangle that was cut out.
  ///   - width: Columns of the result.
  ///   - height: Rows of the result.
  /// - Returns: The same places in pixels of the result.
  package func mapped(from crop: Rectangle, toWidth width: Int, height: Int) -> FaceLandmarks {
    let horizontal = Double(width) / Double(crop.width)
    let vertical = Double(height) / Double(crop.height)
    return mapped {
      Point(x: ($0.x - Double(crop.left)) * horizontal, y: ($0.y - Double(crop.top)) * vertical)
    }
  }

  /// The landmarks of the mirrored picture; what was left is right.
  package func flippedHorizontally(width: Int) -> FaceLandmarks {
    let mirrored = mapped { Point(x: Double(width) - $0.x, y: $0.y) }
    return FaceLandmarks(
      leftEye: mirrored.rightEye, rightEye: mirrored.leftEye, nose: mirrored.nose,
      leftMouth: mirrored.rightMouth, rightMouth: mirrored.leftMouth)
  }

  private func mapped(_ transform: (Point) -> Point) -> FaceLandmarks {
    FaceLandmarks(
      leftEye: transform(leftEye), rightEye: transform(rightEye), nose: transform(nose),
      leftMouth: transform(leftMouth), rightMouth: transform(rightMouth))
  }
}
