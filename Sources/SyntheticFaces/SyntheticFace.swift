package import Images
import TensorCore

/// One procedurally drawn portrait: a pure function of a seed and an index.
///
/// The layout is that of CelebA's aligned pictures: 178x218 pixels, eyes near (69, 111) and
/// (108, 111). Four indices show the same person with another pose, light, expression and
/// background.
package struct SyntheticFace: Sendable {
  /// Pictures of one person.
  package static let picturesPerIdentity = 4
  /// Persons that take turns: pictures of one person lie this many indices apart, so that
  /// neighbours in a set are different people, and all within one run of 64 indices, so that the
  /// parts of a set share few persons.
  package static let identitiesPerBlock = 16

  /// Number of the person, from 1.
  package let identity: Int
  /// What the picture shows, in CelebA's terms.
  package let attributes: Set<SyntheticFaceAttribute>
  private let renderer: FaceRenderer

  /// Describes the face of an index.
  ///
  /// - Parameters:
  ///   - seed: Chooses the whole set.
  ///   - index: Position in the set, from 0.
  package init(seed: UInt64, index: Int) {
    let (persons, pictures) = (Self.identitiesPerBlock, Self.picturesPerIdentity)
    identity = index / (persons * pictures) * persons + index % persons + 1
    var personal = CounterBasedRandom(
      seed: seed, purpose: .syntheticFace, epoch: 0, sample: identity)
    var picture = CounterBasedRandom(seed: seed, purpose: .syntheticFace, epoch: 1, sample: index)
    let scene = FaceScene(of: FaceIdentity(random: &personal), random: &picture)
    attributes = SyntheticFaceAttribute.attributes(of: scene)
    renderer = FaceRenderer(scene)
  }

  /// The picture, RGB.
  ///
  /// The largest centred part of the 178x218 picture that has the aspect ratio asked for is drawn at
  /// that size: a square shows rows 20 to 197. Every size shows the same scene.
  ///
  /// - Parameters:
  ///   - width: Columns, at least 1.
  ///   - height: Rows, at least 1.
  /// - Returns: Three channels.
  package func image(width: Int = 178, height: Int = 218) -> Image {
    precondition(width > 0 && height > 0, "a picture has no size \(width)x\(height)")
    return renderer.image(width: width, height: height)
  }

  /// The middle of the eyes, the nose and the corners of the mouth in the picture of a size.
  ///
  /// They can lie outside of a picture that is much wider than high.
  package func landmarks(width: Int = 178, height: Int = 218) -> FaceLandmarks {
    let points = renderer.landmarks(width: width, height: height).map {
      FaceLandmarks.Point(x: Double($0.x), y: Double($0.y))
    }
    return FaceLandmarks(
      leftEye: points[0], rightEye: points[1], nose: points[2], leftMouth: points[3],
      rightMouth: points[4])
  }
}
