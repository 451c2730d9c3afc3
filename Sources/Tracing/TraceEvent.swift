/// Where an event is drawn: one row for each kind of thing that a rank does at the same time.
package enum TraceLane: Hashable, Sendable {
  /// Forward, backward, updates: the thread that trains.
  case compute
  /// The sums over the ranks.
  case communication
  /// The writing of checkpoints.
  case checkpoint
  /// A thread of the loader, by its number.
  case loader(Int)

  /// The number of the row, the trace's `tid`.
  package var number: Int {
    switch self {
    case .compute: 0
    case .communication: 1
    case .checkpoint: 2
    case .loader(let thread): 3 + thread
    }
  }

  /// The title of the row.
  package var title: String {
    switch self {
    case .compute: "compute"
    case .communication: "communication"
    case .checkpoint: "checkpoint"
    case .loader(let thread): thread == 0 ? "loader" : "loader \(thread)"
    }
  }
}

/// Something that was done, with its beginning and its end in seconds of `Trace.now`.
package struct TraceEvent: Equatable, Sendable {
  /// What was done.
  package let name: String
  /// Where it is drawn.
  package let lane: TraceLane
  /// When it began.
  package let start: Double
  /// When it ended.
  package let end: Double
  /// Whether it may overlap others of its lane without nesting.
  package let overlaps: Bool

  /// Describes what was done.
  package init(
    name: String, lane: TraceLane, start: Double, end: Double, overlaps: Bool = false
  ) {
    (self.name, self.lane, self.start, self.end) = (name, lane, start, end)
    self.overlaps = overlaps
  }
}
