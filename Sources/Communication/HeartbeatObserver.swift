/// Judges from the records of all ranks, read again and again, who keeps the run from going on.
///
/// Times are those of the observer's own clock, so clocks of different hosts need not agree.
package struct HeartbeatObserver {
  private struct Seen {
    var record = HeartbeatRecord()
    var lastBeat: Double
    var lastProgress: Double
  }

  private var ranks: [Seen]

  /// Starts to observe; a rank that never writes is silent since `now`.
  ///
  /// - Parameters:
  ///   - worldSize: The number of ranks.
  ///   - watched: The ranks whose records can be read, the others count as done; nil for all.
  ///   - now: The time.
  package init(worldSize: Int, watched: Set<Int>? = nil, now: Double) {
    ranks = (0..<worldSize).map { rank in
      var seen = Seen(lastBeat: now, lastProgress: now)
      if watched?.contains(rank) == false { seen.record.activity = .finished }
      return seen
    }
  }

  /// Takes note of what the slots hold now; nil for a slot that could not be read.
  package mutating func observe(_ records: [HeartbeatRecord?], now: Double) {
    for (rank, record) in zip(ranks.indices, records) {
      guard let record else { continue }
      let last = ranks[rank].record
      if record.beat != last.beat { ranks[rank].lastBeat = now }
      if record.progress != last.progress { ranks[rank].lastProgress = now }
      ranks[rank].record = record
    }
  }

  /// Forgives all silence so far: the observer itself was not running.
  package mutating func restart(now: Double) {
    for rank in ranks.indices {
      ranks[rank].lastBeat = now
      ranks[rank].lastProgress = now
    }
  }

  /// Whether a rank is ending the run, so that the others need not.
  package var isEnding: Bool { ranks.contains { $0.record.activity == .ending } }

  /// Who has kept the run from going on for at least `limit` seconds; empty while it goes on.
  ///
  /// - Parameters:
  ///   - limit: The time without progress, or without a beat, that counts as a halt.
  ///   - beatTimeout: The time without a beat after which a rank is to blame for a halt.
  ///   - now: The time.
  /// - Returns: The ranks to blame, in order.
  package func findings(limit: Double, beatTimeout: Double, now: Double) -> [HeartbeatFinding] {
    let running = ranks.indices.filter { ranks[$0].record.activity != .finished }
    let stalled = running.filter { now - ranks[$0].lastProgress >= limit }
    let isHalted = stalled.count == running.count
    let stopped = running.filter {
      now - ranks[$0].lastBeat >= (isHalted ? min(limit, beatTimeout) : limit)
    }
    if !stopped.isEmpty {
      return stopped.map { finding(.stopped, $0, seconds: now - ranks[$0].lastBeat) }
    }
    // As long as one rank moves on, the others may rightly wait for it.
    guard running.count > 1, isHalted else { return [] }
    let working = running.filter { ranks[$0].record.activity == .working }
    let newest = running.map { ranks[$0].record.step }.max() ?? 0
    let behind = running.filter { ranks[$0].record.step < newest }
    let lagging = working.isEmpty ? behind : working
    let (cause, named): (HeartbeatFinding.Cause, [Int]) =
      lagging.isEmpty ? (.transportStuck, running) : (.lagging, lagging)
    return named.map { finding(cause, $0, seconds: now - ranks[$0].lastProgress) }
  }

  /// Whether this rank speaks for all: no running rank before it has beaten within `limit`
  /// seconds.
  package func isReporter(_ rank: Int, limit: Double, now: Double) -> Bool {
    !ranks[..<rank].contains {
      $0.record.activity != .finished && now - $0.lastBeat < limit
    }
  }

  private func finding(
    _ cause: HeartbeatFinding.Cause, _ rank: Int, seconds: Double
  ) -> HeartbeatFinding {
    let record = ranks[rank].record
    return HeartbeatFinding(
      cause: cause, rank: rank, hostName: record.hostName,
      processIdentifier: record.processIdentifier, step: record.step, phase: record.phase,
      secondsSilent: seconds)
  }
}
