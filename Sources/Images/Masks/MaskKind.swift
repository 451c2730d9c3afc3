package import TensorCore

/// A way to make holes.
///
/// A mask is a function of the kind's parameters, the subject and the random numbers: kinds hold no
/// state, and the same numbers give the same mask on every machine.
package protocol MaskKind: Sendable {
  /// Draws a mask.
  ///
  /// - Parameters:
  ///   - subject: The picture that gets the hole.
  ///   - random: The sample's own random numbers.
  /// - Returns: A mask of the subject's size with at least one missing pixel.
  /// - Throws: `ImageError` from kinds that read files.
  func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) throws(ImageError) -> HoleMask
}

/// What a kind of mask may know of the picture that gets the hole.
package struct MaskSubject: Equatable, Sendable {
  /// Columns of the picture.
  package let width: Int
  /// Rows of the picture.
  package let height: Int
  /// Where the face's parts are, in pixels of this picture; nil where nobody knows.
  package let landmarks: FaceLandmarks?

  /// Describes a picture.
  ///
  /// - Precondition: Both sides are at least 2.
  package init(width: Int, height: Int, landmarks: FaceLandmarks? = nil) {
    precondition(width >= 2 && height >= 2, "no hole fits into \(width)x\(height)")
    (self.width, self.height, self.landmarks) = (width, height, landmarks)
  }

  /// The local crop in the middle.
  var centredBox: Rectangle {
    Rectangle(
      top: (height - height / 2) / 2, left: (width - width / 2) / 2,
      height: height / 2, width: width / 2)
  }
}

extension CounterBasedRandom {
  /// A number from the uniform distribution over a range, with 24 random bits.
  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(uniform())
  }
}
