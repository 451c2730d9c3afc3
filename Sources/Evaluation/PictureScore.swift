import Images
import Metrics
import TensorCore

/// How well one method filled one hole of one picture.
struct PictureScore: Codable, Sendable {
  /// The picture's number in the set.
  var picture: Int
  /// The numbers of method and mask in the request.
  var method: Int
  var mask: Int
  /// The hole's part of the picture, in percent.
  var holePercent: Double
  /// Parts of the face that the hole covers by half or more; none where the pictures are no faces.
  var faceParts: [String]
  /// The metrics of two pictures.
  var scores: ImageScores
  /// Learned distances, in the order of the request.
  var learned: [Double]
}

/// The parts of a face that a hole covers by half or more.
///
/// - Parameters:
///   - hole: The hole.
///   - landmarks: The points of the face; nil for those of aligned CelebA pictures.
/// - Returns: The parts' names in tables.
func facePartsCovered(by hole: HoleMask, landmarks: FaceLandmarks?) -> [String] {
  let subject = MaskSubject(width: hole.width, height: hole.height, landmarks: landmarks)
  return FacePartMask.Part.allCases.filter { part in
    var random = CounterBasedRandom(seed: 0, purpose: .mask)
    let region = FacePartMask([part], scale: 1...1).mask(for: subject, using: &random)
    var covered = 0
    for pixel in hole.values.indices { covered += Int(region.values[pixel] & hole.values[pixel]) }
    return 2 * covered >= region.holeArea
  }.map(\.rawValue)
}
