import Foundation
import Images

/// An image as it goes into a shard, with the description beside it.
struct PackedSample: Sendable {
  /// The bytes of the image's file.
  let image: [UInt8]
  /// JSON about the image.
  let description: [UInt8]
  /// Columns of the source's image, upright.
  let width: Int
  /// Rows of the source's image, upright.
  let height: Int
}

extension PackPlan {
  /// Reads, checks and describes an image.
  ///
  /// Every image is decoded, so that no damaged one is packed.
  ///
  /// - Throws: `ImageError` or `DatasetError` naming the file.
  func sample(_ index: Int, group: String) throws -> PackedSample {
    var bytes = try source.encodedImage(at: index)
    let image = try Image(decoding: bytes, name: source.location(of: index))
    var landmarks = listing.annotations.landmarks(of: index)
    if let preparation = settings.preparation {
      let (square, side) = (
        preparation.square(inWidth: image.width, height: image.height), preparation.side
      )
      bytes = try image.cropped(to: square).resized(width: side, height: side)
        .encodedAsPNG(name: source.location(of: index))
      landmarks = landmarks?.mapped(from: square, toWidth: side, height: side)
    }
    let description = SampleDescription(
      name: listing.names[index], part: group,
      identity: listing.annotations.identity(of: index),
      attributes: listing.annotations.attributes(of: index),
      landmarks: landmarks.map(SampleDescription.points))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return PackedSample(
      image: bytes, description: Array(try encoder.encode(description)), width: image.width,
      height: image.height)
  }
}

/// What stands in the JSON file beside an image; what is not known is left out.
private struct SampleDescription: Encodable {
  /// The image's name in the source.
  let name: String
  /// The part that the image belongs to.
  let part: String
  /// Who is on the image.
  let identity: Int?
  /// The attributes that the image has.
  let attributes: [String]?
  /// (column, row) of the points of the face in the stored image.
  let landmarks: [String: [Double]]?

  /// Landmarks by the names of CelebA's list.
  static func points(_ face: FaceLandmarks) -> [String: [Double]] {
    [
      "lefteye": face.leftEye, "righteye": face.rightEye, "nose": face.nose,
      "leftmouth": face.leftMouth, "rightmouth": face.rightMouth,
    ].mapValues { [$0.x, $0.y] }
  }
}
