import Foundation
import Images
import Metrics
import Running

/// The folder of an evaluation: `summary.json`, `scores.csv`, and sheets of pictures.
struct EvaluationFolder {
  private let path: String

  /// Makes the folder.
  ///
  /// - Throws: `RunError` where that is not possible, or something lies there already.
  init(_ path: String) throws {
    self.path = path
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let first = found.filter({ !$0.hasPrefix(".") }).min() {
      throw RunError(
        .usage,
        "\(path): the folder holds other files, such as \(first), which would mix with these results; "
          + "choose another place with --output, or remove the folder")
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .badData,
        "\(path): the folder cannot be made (\(systemReason(error))); "
          + "choose another place with --output")
    }
  }

  /// Writes everything.
  ///
  /// - Parameters:
  ///   - summary: The means.
  ///   - share: The joined scores and results.
  ///   - set: The pictures.
  ///   - methods: The methods' names.
  ///   - learned: The learned distances' names.
  /// - Throws: What is wrong with a picture, or why a file cannot be written.
  func write(
    _ summary: EvaluationSummary, _ share: EvaluationShare, of set: EvaluationSet,
    methods: [String], learned: [String]
  ) throws {
    try write(try summary.json, to: "summary.json")
    try write(csv(share, set, methods, learned), to: "scores.csv")
    for mask in set.masks.indices {
      let name = fileName(set.masks[mask].name)
      for method in methods.indices {
        let ranking = share.ranking(method: method, mask: mask)
        let count = EvaluationShare.sheetCount
        let (best, worst) = (ranking.prefix(count), ranking.suffix(count).reversed())
        for (word, results) in [("best", Array(best)), ("worst", Array(worst))] {
          try rankedSheet(word, results, set, mask: mask, method: methods[method])
            .write(to: "\(path)/\(word)-\(fileName(methods[method]))-\(name).png")
        }
      }
      try comparison(share, set, mask: mask, methods).write(to: "\(path)/comparison-\(name).png")
    }
  }

  /// Writes the scores of a generator that makes faces, and a sheet of the first ones, and of originals.
  ///
  /// - Throws: Why a file cannot be written.
  func write(_ scores: FaceEvaluation, faces: [Image], originals: [Image]) throws {
    try write(try scores.json, to: "summary.json")
    for (name, pictures) in [("faces", faces), ("originals", originals)] {
      try Image(sheetOf: Array(pictures.prefix(64)), title: name).write(to: "\(path)/\(name).png")
    }
  }

  private func write(_ text: String, to name: String) throws {
    do {
      try Data((text + "\n").utf8).write(
        to: URL(fileURLWithPath: "\(path)/\(name)"), options: .atomic)
    } catch {
      throw RunError(.badData, "\(path)/\(name): cannot be written (\(systemReason(error)))")
    }
  }

  private func csv(
    _ share: EvaluationShare, _ set: EvaluationSet, _ methods: [String], _ learned: [String]
  ) -> String {
    let facts = ["picture", "name", "mask", "method", "hole_percent", "face_parts"]
    let header = (facts + PictureMetric.all.map(\.name) + learned).joined(separator: ",")
    let lines = share.scores.map { row in
      let texts = [
        "\(row.picture)", quoted(set.name(of: row.picture)), quoted(set.masks[row.mask].name),
        quoted(methods[row.method]), "\(row.holePercent)", row.faceParts.joined(separator: " "),
      ]
      let numbers = PictureMetric.all.map { row.scores[$0] } + row.learned
      return (texts + numbers.map { "\($0)" }).joined(separator: ",")
    }
    return ([header] + lines).joined(separator: "\n")
  }

  /// A row for each picture: masked, filled, original.
  private func rankedSheet(
    _ word: String, _ results: [EvaluationShare.Result], _ set: EvaluationSet, mask: Int,
    method: String
  ) throws -> Image {
    let rows = try results.map { result in
      let sample = try set.samples(of: result.picture)[mask]
      let percent = result.holeL1Percent.formatted(.number.precision(.fractionLength(1)))
      return ImageGrid.Row(
        "\((set.name(of: result.picture) as NSString).lastPathComponent) \(percent)%",
        [sample.hole.painted(on: sample.picture, value: 128), image(result, set), sample.picture])
    }
    return ImageGrid(
      title: "\(method), \(set.masks[mask].name), \(word) hole L1: masked, filled, original",
      rows: rows
    ).image()
  }

  /// The first pictures, filled by each method.
  private func comparison(
    _ share: EvaluationShare, _ set: EvaluationSet, mask: Int, _ methods: [String]
  ) throws -> Image {
    let pictures = 0..<min(EvaluationShare.sheetCount, set.count)
    let samples = try pictures.map { try set.samples(of: $0)[mask] }
    let filled = methods.indices.map { method in
      ImageGrid.Row(
        methods[method],
        share.results.filter {
          $0.method == method && $0.mask == mask && pictures.contains($0.picture)
        }.map { image($0, set) })
    }
    return ImageGrid(
      rows: [ImageGrid.Row("masked", samples.map { $0.hole.painted(on: $0.picture, value: 128) })]
        + filled + [ImageGrid.Row("original", samples.map(\.picture))]
    ).image()
  }

  private func image(_ result: EvaluationShare.Result, _ set: EvaluationSet) -> Image {
    Image(width: set.side, height: set.side, pixels: Array(result.pixels))
  }

  private func quoted(_ text: String) -> String {
    text.contains { ",\"\n".contains($0) }
      ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }

  private func fileName(_ text: String) -> String {
    String(text.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "_" })
  }
}
