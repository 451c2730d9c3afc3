import Foundation
import Testing
import Tracing

@Suite struct ChromeTraceTests {
  private struct Event {
    let name: String
    let phase: String
    let process: Int
    let thread: Int
    let start: Double
    let duration: Double
    let identifier: String
  }

  private func parse(_ text: String) throws -> [Event] {
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(object["traceEvents"] as? [[String: Any]]).map { event in
      Event(
        name: event["name"] as? String ?? "", phase: event["ph"] as? String ?? "",
        process: event["pid"] as? Int ?? -1, thread: event["tid"] as? Int ?? -1,
        start: event["ts"] as? Double ?? 0, duration: event["dur"] as? Double ?? 0,
        identifier: event["id"] as? String ?? "")
    }
  }

  private func fraction(_ index: Int, _ step: Double) -> Double {
    (Double(index) * step).truncatingRemainder(dividingBy: 1)
  }

  private func recording(_ events: [TraceEvent]) -> Trace.Recording {
    var recording = Trace.Recording()
    recording.events = events
    return recording
  }

  @Test func aFileHoldsTheEventsOfAllRanks() throws {
    let inner = TraceEvent(name: "\"inner\" \\ \n", lane: .compute, start: 10.25, end: 10.5)
    let outer = TraceEvent(name: "outer", lane: .compute, start: 10, end: 11)
    let sum = TraceEvent(
      name: "sum", lane: .communication, start: 10.75, end: 12, overlaps: true)
    let first = ChromeTrace.events(
      of: recording([inner, outer]), rank: 0, hostName: "here", time: { $0 - 10 })
    let second = ChromeTrace.events(
      of: recording([sum]), rank: 1, hostName: "there", time: { $0 - 9.5 })
    let events = try parse(ChromeTrace.file(ranks: [first, second], dropped: 3))

    let spans = events.filter { $0.phase == "X" }
    #expect(spans.map(\.name) == ["\"inner\" \\  ", "outer"])
    #expect(spans.map(\.start) == [250_000, 0] && spans.map(\.duration) == [250_000, 1_000_000])
    let pair = events.filter { $0.phase == "b" || $0.phase == "e" }
    #expect(pair.map(\.phase) == ["b", "e"] && pair.map(\.process) == [1, 1])
    #expect(pair.map(\.start) == [1_250_000, 2_500_000])
    #expect(pair[0].identifier == pair[1].identifier && !pair[0].identifier.isEmpty)
    #expect(events.filter { $0.name == "process_name" }.map(\.process) == [0, 1])
    #expect(events.filter { $0.name == "thread_name" }.map(\.thread) == [0, 1])
  }

  /// Viewers draw a span that ends a nanosecond after the one around it in a wrong place.
  @Test func roundingKeepsNestedSpansNested() throws {
    for index in 0..<500 {
      // Multiples of the golden ratio lie evenly between whole numbers.
      let times = (0..<4).map { fraction(4 * index + $0, 0.618_033_988_749_895) * 1e-6 }.sorted()
      let events = [
        TraceEvent(name: "outer", lane: .compute, start: times[0], end: times[3]),
        TraceEvent(name: "inner", lane: .compute, start: times[1], end: times[2]),
      ]
      let offset = fraction(index, 0.414_213_562_373_095) * 1e4
      let spans = try parse(
        ChromeTrace.file(
          ranks: [
            ChromeTrace.events(of: recording(events), rank: 0, hostName: "", time: { $0 + offset })
          ], dropped: 0)
      ).filter { $0.phase == "X" }
      let nanoseconds = spans.map {
        (start: ($0.start * 1000).rounded(), length: ($0.duration * 1000).rounded())
      }
      #expect(nanoseconds[0].start <= nanoseconds[1].start)
      #expect(
        nanoseconds[0].start + nanoseconds[0].length
          >= nanoseconds[1].start + nanoseconds[1].length)
    }
  }
}

/// One after another: there is one trace in a process.
@Suite(.serialized) struct TraceTests {
  private struct Failure: Error {}

  @Test func recordsNothingUntilStarted() {
    var names = 0
    func name() -> String {
      names += 1
      return "name"
    }
    #expect(Trace.span(name()) { 7 } == 7)
    #expect(names == 0 && Trace.stop() == Trace.Recording())
  }

  @Test func recordsSpansThatThrowToo() throws {
    Trace.start()
    Trace.span("outer") { Trace.span("inner", .loader(1)) {} }
    #expect(throws: Failure.self) { try Trace.span("failing") { throw Failure() } }
    let events = Trace.stop().events
    #expect(events.map(\.name) == ["inner", "outer", "failing"])
    #expect(events.map(\.lane) == [.loader(1), .compute, .compute])
    #expect(events[1].start <= events[0].start && events[0].end <= events[1].end)
    #expect(Trace.stop().events.isEmpty)
  }

  @Test func countsWhatFindsNoRoom() {
    Trace.start()
    let event = TraceEvent(name: "", lane: .compute, start: 0, end: 0)
    for _ in 0..<Trace.capacity + 5 { Trace.add(event) }
    let recording = Trace.stop()
    #expect(recording.events.count == Trace.capacity && recording.dropped == 5)
  }
}
