import Foundation
import Metrics

extension EvaluationSummary {
  /// The scores as people read them: a block for each kind of hole, a line for each method.
  ///
  /// Sizes of holes and parts of the face are listed where they tell pictures apart.
  var table: String {
    var lines = ["\(data), \(side)x\(side), seed \(seed)"]
    var masks: [String] = []
    for entry in results where !masks.contains(entry.mask) { masks.append(entry.mask) }
    let width = max(14, results.map(\.method.count).max() ?? 0)
    for mask in masks {
      let entries = results.filter { $0.mask == mask }
      lines += ["", "mask \(mask)"]
      lines.append(
        padded("", width)
          + (["pictures"] + PictureMetric.all.map(\.heading) + entries[0].all.learned.keys.sorted()
          + (entries[0].fid == nil ? [] : ["FID"]))
          .map { rightAligned($0, 11) }.joined())
      lines += entries.map { entry in
        let fid = entry.fid.map { rightAligned(decimal($0, 2), 11) } ?? ""
        return line(entry.method, entry.all, width) + fid
      }
      for size in entries[0].byHoleSize where size.means.count < entries[0].all.count {
        lines.append("  holes of \(size.fromPercent) to \(size.toPercent) % of the picture")
        lines += entries.compactMap { entry in
          entry.byHoleSize.first { $0.fromPercent == size.fromPercent }
            .map { line("  \(entry.method)", $0.means, width) }
        }
      }
      for part in entries[0].byFacePart where part.means.count < entries[0].all.count {
        lines.append("  holes over \(part.part)")
        lines += entries.compactMap { entry in
          entry.byFacePart.first { $0.part == part.part }
            .map { line("  \(entry.method)", $0.means, width) }
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ name: String, _ means: MeanScores, _ width: Int) -> String {
    let numbers =
      ["\(means.count)"]
      + PictureMetric.all.map { decimal(means.scores[$0], $0.digits) }
      + means.learned.keys.sorted().map { decimal(means.learned[$0] ?? 0, 4) }
    return padded(name, width) + numbers.map { rightAligned($0, 11) }.joined()
  }

  private func decimal(_ value: Double, _ digits: Int) -> String {
    value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  private func rightAligned(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 1)) + text
  }
}
