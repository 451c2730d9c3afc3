import Glibc
import Metrics

extension RunReport {
  /// Everything that the page shows, as one JSON object.
  package func facts(writtenSeconds: Double) -> String {
    var members: [(String, String)] = [
      ("experiment", json(experiment)), ("state", json(state.rawValue)), ("step", "\(step)"),
      ("steps", "\(totalSteps)"), ("written", "\(Int(writtenSeconds))"),
      ("trained_seconds", json(trainedSeconds)), ("configuration", json(configuration)),
    ]
    members.append(
      ("facts", list(facts.map { "[\(json($0.name)),\(json($0.value))]" })))
    members.append(("speed", json(speed)))
    if let losses { members.append(("losses", json(losses))) }
    if let costs { members.append(("costs", json(costs))) }
    if let scores { members.append(("scores", json(scores))) }
    members.append(("metrics", json(PictureMetric.all)))
    if let ranks { members.append(("ranks", json(ranks, withExtremes: false))) }
    members.append(("rank_count", "\(rankCount)"))
    members.append(
      (
        "samples",
        list(
          samples.sheets.map {
            #"{"step":\#($0.step),"width":\#($0.width),"height":\#($0.height),"#
              + #""jpeg":"\#($0.base64)"}"#
          })
      ))
    members.append(
      (
        "checkpoints",
        list(
          checkpoints.map {
            #"{"step":\#($0.step),"bytes":\#($0.bytes),"saved":\#(Int($0.savedSeconds))}"#
          })
      ))
    return "{\(members.map { "\(json($0)):\($1)" }.joined(separator: ",\n"))}"
  }

  /// Columns: the steps, and of each quantity the mean, the smallest and the largest value of a bin.
  private func json(_ series: DecimatedSeries, withExtremes: Bool = true) -> String {
    let columns = series.names.indices.map { index in
      let summaries = series.bins.map { $0.quantities[index] }
      let means = list(summaries.map { json($0.mean) })
      // Where a bin is one record, all three are the same.
      guard withExtremes, summaries.contains(where: { $0.count > 1 }) else {
        return #"{"mean":\#(means)}"#
      }
      return #"{"mean":\#(means),"min":\#(list(summaries.map { json($0.minimum) })),"#
        + #""max":\#(list(summaries.map { json($0.maximum) }))}"#
    }
    return #"{"names":\#(list(series.names.map { json($0) })),"#
      + #""step":\#(list(series.bins.map { "\($0.step)" })),"columns":\#(list(columns))}"#
  }

  /// How the page writes each metric: title, unit, and which values are better.
  private func json(_ metrics: [PictureMetric]) -> String {
    let members = metrics.map { metric in
      let title = metric.title.prefix(1).uppercased() + metric.title.dropFirst()
      let texts = [title, metric.unit, metric.better?.rawValue ?? ""]
      return "\(json(metric.name)):\(list(texts.map { json($0) }))"
    }
    return "{\(members.joined(separator: ","))}"
  }

  private func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }

  /// A number with five digits behind the first, which is more than a screen shows.
  private func json(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    guard abs(value) < 1e15, value != 0 else { return value == 0 ? "0" : "\(value)" }
    let scale = pow(10, 5 - floor(log10(abs(value))))
    let rounded = (value * scale).rounded() / scale
    guard rounded.isFinite else { return "\(value)" }
    if rounded == rounded.rounded() { return "\(Int(rounded))" }
    return "\(rounded)"
  }

  private func json(_ text: String) -> String { jsonText(text) }
}

/// A text as JSON within a script element.
func jsonText(_ text: String) -> String {
  var escaped = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": escaped += "\\\""
    case "\\": escaped += "\\\\"
    case "\n": escaped += "\\n"
    // "</" would end the script element that holds the object.
    case "<": escaped += "\\u003c"
    case _ where scalar.value < 0x20: escaped += " "
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped + "\""
}
