import Images

/// The scores of every method on every kind of hole.
struct EvaluationSummary: Encodable {
  /// One method on one kind of hole.
  struct Entry: Encodable {
    let method: String
    let mask: String
    /// Over all pictures.
    let all: MeanScores
    /// Over the pictures whose hole is of a size.
    let byHoleSize: [HoleSize]
    /// Over the pictures whose hole covers a part of the face by half or more.
    let byFacePart: [FacePart]
    /// The Frechet inception distance of all results from all originals, where it was asked for.
    let fid: Double?

    private enum CodingKeys: String, CodingKey {
      case method, mask, fid
      case byHoleSize = "by_hole_size"
      case byFacePart = "by_face_part"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(method, forKey: .method)
      try container.encode(mask, forKey: .mask)
      try container.encode(byHoleSize, forKey: .byHoleSize)
      try container.encode(byFacePart, forKey: .byFacePart)
      try container.encodeIfPresent(fid, forKey: .fid)
      try all.encode(to: encoder)
    }
  }

  /// A bucket: holes of at least `fromPercent` and less than `toPercent` of the picture.
  struct HoleSize: Encodable {
    let fromPercent: Int
    let toPercent: Int
    let means: MeanScores

    private enum CodingKeys: String, CodingKey {
      case fromPercent = "from_percent"
      case toPercent = "to_percent"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(fromPercent, forKey: .fromPercent)
      try container.encode(toPercent, forKey: .toPercent)
      try means.encode(to: encoder)
    }
  }

  /// A part of the face.
  struct FacePart: Encodable {
    let part: String
    let means: MeanScores

    private enum CodingKeys: String, CodingKey { case part }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(part, forKey: .part)
      try means.encode(to: encoder)
    }
  }

  let data: String
  let count: Int
  let side: Int
  let seed: UInt64
  let results: [Entry]

  /// Bounds of the buckets of hole sizes, percent of the picture; the last bucket includes 100.
  static let holeSizes = [0, 10, 20, 30, 40, 50, 100]

  /// Averages the scores of all pictures.
  ///
  /// - Parameters:
  ///   - share: What all ranks have found out, by picture.
  ///   - set: The pictures.
  ///   - methods: The methods' names.
  ///   - learned: The learned distances' names.
  init(
    _ share: EvaluationShare, of set: EvaluationSet, methods: [String], learned: [String]
  ) {
    (data, count, side, seed) = (set.summary, set.count, set.side, set.seed)
    results = set.masks.indices.flatMap { mask in
      methods.indices.map { method in
        let rows = share.scores.filter { $0.mask == mask && $0.method == method }
        let sizes = zip(Self.holeSizes, Self.holeSizes.dropFirst()).compactMap {
          from, to -> HoleSize? in
          let isLast = to == Self.holeSizes.last
          let inside = rows.filter {
            $0.holePercent >= Double(from) && ($0.holePercent < Double(to) || isLast)
          }
          return inside.isEmpty
            ? nil
            : HoleSize(
              fromPercent: from, toPercent: to, means: MeanScores(inside, learned: learned))
        }
        let parts = FacePartMask.Part.allCases.map(\.rawValue).compactMap { part -> FacePart? in
          let covering = rows.filter { $0.faceParts.contains(part) }
          return covering.isEmpty
            ? nil : FacePart(part: part, means: MeanScores(covering, learned: learned))
        }
        return Entry(
          method: methods[method], mask: set.masks[mask].name,
          all: MeanScores(rows, learned: learned),
          byHoleSize: sizes, byFacePart: parts,
          fid: share.inceptionDistance(method: method, mask: mask))
      }
    }
  }
}
