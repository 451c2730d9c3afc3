import Datasets
import Images
import Running

/// The pictures of an evaluation, each with one fixed hole of every kind.
struct EvaluationSet {
  /// Number of pictures.
  let count: Int
  /// Height and width.
  let side: Int
  /// Chooses the holes.
  let seed: UInt64
  /// The kinds of holes.
  let masks: [EvaluationMask]
  /// What the pictures are, for a line of a report.
  let summary: String
  private let source: any ImageSource
  private let transforms: [SampleTransform]
  /// Only CelebA's pictures are known to be faces in known places.
  private let isFaces: Bool

  /// A picture with its hole.
  struct Sample {
    let picture: Image
    let hole: HoleMask
    /// Parts of the face that the hole covers by half or more.
    let faceParts: [String]
  }

  /// Opens the data of a request.
  ///
  /// - Throws: What is wrong with the data or the masks.
  init(_ request: EvaluationRequest) throws {
    let split = try DatasetSplit(named: request.split)
    let opened = try openImageSource(root: request.data, split: split, annotations: [.landmarks])
    isFaces = opened is CelebAFolder
    source = request.skipsDamaged ? try Self.usable(opened, count: request.count) : opened
    count = request.count == 0 ? source.count : min(request.count, source.count)
    (side, seed) = (request.side, request.seed)
    masks = try EvaluationMask.masks(of: request)
    summary = "\(source.summary), the first \(count)"
    transforms = masks.map {
      SampleTransform(side: request.side, crop: request.crop, masks: $0.kind, seed: request.seed)
    }
  }

  /// A source without pictures that do not decode, as far as the first `count` others (0: all).
  private static func usable(_ source: any ImageSource, count: Int) throws -> any ImageSource {
    var bad = Set<Int>()
    var checked = 0
    while checked < source.count, count == 0 || checked - bad.count < count {
      let next = count == 0 ? source.count : min(source.count, count + bad.count)
      let first = checked
      let findings = ImageCheck(count: next - first) {
        _ = try source.image(at: first + $0)
        return 0
      }.run().findings
      bad.formUnion(findings.map { first + $0.index })
      checked = next
    }
    guard bad.count < source.count else {
      throw RunError(.badData, "\(source.summary): none of the pictures decodes")
    }
    return bad.isEmpty ? source : ImageSubset(source, leavingOut: bad)
  }

  /// The picture of a number.
  private func image(at picture: Int) throws -> Image {
    do {
      return try source.image(at: picture)
    } catch let error as ImageError where error.isDamage {
      throw RunError(.badData, "\(error); or leave such pictures out: --damaged skip")
    }
  }

  /// The name of a picture within its data set.
  func name(of picture: Int) -> String { source.name(of: picture) }

  /// A picture with each kind of hole, in the masks' order.
  ///
  /// - Throws: What is wrong with the picture, naming its file.
  func samples(of picture: Int) throws -> [Sample] {
    let image = try image(at: picture)
    let landmarks = source.landmarks(of: picture)
    return try transforms.map { transform in
      let sample = try transform(image, landmarks: landmarks, epoch: 0, sample: picture)
      let square = image.centreSquareBounds(
        maximumSide: transform.crop == 0 ? .max : transform.crop)
      let parts =
        isFaces
        ? facePartsCovered(
          by: sample.hole, landmarks: landmarks?.mapped(from: square, toWidth: side, height: side))
        : []
      return Sample(picture: sample.image, hole: sample.hole, faceParts: parts)
    }
  }
}
