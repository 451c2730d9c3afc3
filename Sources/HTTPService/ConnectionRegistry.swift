import FlyingSocks
import Glibc
import Synchronization

/// All open connections: how many there are, what each of them does, and until when it may.
///
/// A socket is closed here only, so that nothing is ever done to another connection's descriptor.
final class ConnectionRegistry: Sendable {
  /// What a connection does.
  enum Phase {
    /// Waits for a request's first byte.
    case idle
    /// Receives a request.
    case receiving
    /// Computes or sends an answer.
    case answering
  }

  private struct Entry {
    let descriptor: Int32
    let order: Int
    var phase = Phase.idle
    var deadline: ContinuousClock.Instant?
    var isEnding = false
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var next = 0
    var isStopping = false
    var bodyBytes = 0
  }

  private let state = Mutex(State())
  private let limits: HTTPLimits

  init(limits: HTTPLimits) { self.limits = limits }

  /// Takes a new connection in; the oldest one that waits for its request makes room.
  ///
  /// - Returns: Its number, or nil where it has to be closed at once.
  func add(_ descriptor: Int32) -> Int? {
    state.withLock { state in
      guard !state.isStopping else { return nil }
      if state.entries.values.count(where: { !$0.isEnding }) >= limits.connections {
        let waiting = state.entries.filter { $0.value.phase != .answering && !$0.value.isEnding }
        guard let oldest = waiting.min(by: { $0.value.order < $1.value.order }) else { return nil }
        // Its own task closes it.
        shutdown(oldest.value.descriptor, Int32(SHUT_RDWR))
        state.entries[oldest.key]?.isEnding = true
      }
      state.next += 1
      state.entries[state.next] = Entry(
        descriptor: descriptor, order: state.next,
        deadline: .now + .seconds(limits.headSeconds))
      return state.next
    }
  }

  /// Closes a connection's socket and forgets it.
  func close(_ number: Int) {
    state.withLock { state in
      guard let entry = state.entries.removeValue(forKey: number) else { return }
      _ = Glibc.close(entry.descriptor)
    }
  }

  /// Notes what a connection does now, and for how long it may.
  func note(_ number: Int, _ phase: Phase, seconds: Double?) {
    state.withLock { state in
      state.entries[number]?.phase = phase
      state.entries[number]?.deadline = seconds.map { .now + .seconds($0) }
      if state.isStopping, phase == .idle, let entry = state.entries[number] {
        shutdown(entry.descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  /// Ends the sending side of a connection, so that the client reads the answer's end.
  func endSending(_ number: Int) {
    state.withLock { state in
      guard let entry = state.entries[number] else { return }
      shutdown(entry.descriptor, Int32(SHUT_WR))
    }
  }

  /// Wakes connections whose time is over: who receives can still say so, who sends cannot.
  func endOverdue() {
    let now = ContinuousClock.now
    state.withLock { state in
      for (number, entry) in state.entries {
        guard let deadline = entry.deadline, deadline < now else { continue }
        shutdown(entry.descriptor, Int32(entry.phase == .answering ? SHUT_RDWR : SHUT_RD))
        // Those that do not end by themselves end the next time.
        state.entries[number]?.phase = .answering
        state.entries[number]?.deadline = now + .seconds(2)
      }
    }
  }

  /// Takes no more connections, and ends those that wait for a request.
  func stop() {
    state.withLock { state in
      state.isStopping = true
      for entry in state.entries.values where entry.phase != .answering {
        shutdown(entry.descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  /// Ends all connections.
  func endAll() {
    state.withLock { state in
      for entry in state.entries.values { shutdown(entry.descriptor, Int32(SHUT_RDWR)) }
    }
  }

  /// Whether so many connections have been ended and not yet closed that no more shall be accepted now.
  var isCrowded: Bool {
    state.withLock { $0.entries.values.count(where: \.isEnding) >= limits.connections }
  }
  /// Open connections.
  var count: Int { state.withLock { $0.entries.count } }
  /// Whether no more requests are taken.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Counts bytes of bodies in memory.
  ///
  /// - Returns: Whether there is room for them.
  func reserve(bodyBytes count: Int) -> Bool {
    state.withLock { state in
      guard state.bodyBytes + count <= limits.pendingBodyBytes else { return false }
      state.bodyBytes += count
      return true
    }
  }

  /// Gives back what was reserved.
  func release(bodyBytes count: Int) { state.withLock { $0.bodyBytes -= count } }
}
