/// Writes recordings in the trace event format of Chrome, which Perfetto opens.
///
/// Spans that nest are complete events (`X`); those that overlap freely are pairs of asynchronous
/// events (`b` and `e`), which Perfetto draws on rows of their own.
package enum ChromeTrace {
  /// One rank's part of a file: events separated by commas, nothing where there are none.
  ///
  /// - Parameters:
  ///   - recording: What the rank recorded.
  ///   - rank: The rank, the `pid` of its events.
  ///   - hostName: Where it ran.
  ///   - time: Turns seconds on the rank's clock into seconds on a clock that all ranks share.
  /// - Returns: Lines of JSON.
  package static func events(
    of recording: Trace.Recording, rank: Int, hostName: String, time: (Double) -> Double
  ) -> String {
    let title = quoted("rank \(rank) on \(hostName)")
    var lines = [
      metadata("process_name", rank: rank, lane: 0, "\"name\": \(title)"),
      metadata("process_sort_index", rank: rank, lane: 0, "\"sort_index\": \(rank)"),
    ]
    let lanes = Set(recording.events.map(\.lane)).sorted { $0.number < $1.number }
    for lane in lanes {
      let (number, title) = (lane.number, quoted(lane.title))
      lines.append(metadata("thread_name", rank: rank, lane: number, "\"name\": \(title)"))
      lines.append(
        metadata("thread_sort_index", rank: rank, lane: number, "\"sort_index\": \(number)"))
    }
    for (index, event) in recording.events.enumerated() {
      // Rounded before they are subtracted, so that what nests stays nested.
      let start = nanoseconds(time(event.start))
      let end = max(nanoseconds(time(event.end)), start)
      let common =
        "{\"name\": \(quoted(event.name)), \"cat\": \(quoted(event.lane.title)), \"pid\": \(rank), "
        + "\"tid\": \(event.lane.number)"
      if event.overlaps {
        let identifier = "\"id\": \"\(rank).\(index)\""
        lines.append("\(common), \"ph\": \"b\", \(identifier), \"ts\": \(microseconds(start))}")
        lines.append("\(common), \"ph\": \"e\", \(identifier), \"ts\": \(microseconds(end))}")
      } else {
        let duration = microseconds(end - start)
        lines.append(
          "\(common), \"ph\": \"X\", \"ts\": \(microseconds(start)), \"dur\": \(duration)}")
      }
    }
    return lines.joined(separator: ",\n")
  }

  /// A whole file.
  ///
  /// - Parameters:
  ///   - ranks: `events` of each rank.
  ///   - dropped: The number of events that found no room.
  /// - Returns: A JSON object.
  package static func file(ranks: [String], dropped: Int) -> String {
    """
    {"displayTimeUnit": "ms", "otherData": {"dropped_events": \(dropped)}, "traceEvents": [
    \(ranks.joined(separator: ",\n"))
    ]}

    """
  }

  private static func metadata(
    _ name: String, rank: Int, lane: Int, _ argument: String
  ) -> String {
    "{\"name\": \"\(name)\", \"ph\": \"M\", \"pid\": \(rank), \"tid\": \(lane), "
      + "\"args\": {\(argument)}}"
  }

  private static func nanoseconds(_ seconds: Double) -> Int { Int((seconds * 1e9).rounded()) }

  /// The format's unit, with the three decimals of nanoseconds.
  private static func microseconds(_ nanoseconds: Int) -> String {
    let fraction = String(abs(nanoseconds) % 1000)
    let sign = nanoseconds < 0 ? "-" : ""
    let zeros = String(repeating: "0", count: 3 - fraction.count)
    return "\(sign)\(abs(nanoseconds) / 1000).\(zeros)\(fraction)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
