internal import Dispatch
internal import Synchronization
internal import Tracing

/// Saves checkpoints on a thread of its own, while training goes on.
///
/// Submitting copies the tensors and returns; the copy is written behind the caller's back. At most
/// one write is in flight: a checkpoint that is due meanwhile is skipped and counted. A write that
/// fails is reported and counted, and leaves earlier checkpoints as they were.
package final class BackgroundCheckpointWriter: Sendable {
  /// How one write ended.
  package struct Report: Sendable {
    /// The step of the checkpoint.
    package let step: Int
    /// What was saved, or the message of the error.
    package let result: Result<SaveReport, SaveFailure>
    /// Time that the write took, without the copy before it.
    package let durationSeconds: Double
  }

  /// A save that failed, as a message.
  package struct SaveFailure: Error, Equatable, CustomStringConvertible {
    /// The error's own text.
    package let description: String
  }

  /// Counts since the writer was made.
  package struct Counts: Sendable, Equatable {
    /// Checkpoints saved.
    package var saved = 0
    /// Saves that failed.
    package var failed = 0
    /// Checkpoints that were due while another was being written.
    package var skipped = 0
  }

  /// The store written to.
  package let store: CheckpointStore
  private let queue = DispatchQueue(label: "inpaint.checkpoint-writer")
  private let buffer = SnapshotBuffer()
  private let progress = Mutex(Progress())

  private struct Progress {
    var isWriting = false
    var counts = Counts()
    var reports: [Report] = []
  }

  /// A snapshot whose tensors live in the writer's own buffer, so it may cross threads.
  private struct OwnedSnapshot: @unchecked Sendable {
    let snapshot: CheckpointSnapshot
  }

  /// Writes to a store; nothing else may write to it meanwhile.
  package init(store: CheckpointStore) { self.store = store }

  /// Allocates and touches the memory that copies of such a snapshot need.
  ///
  /// Without this the first submission does it, which takes several times as long as a copy.
  package func reserve(for snapshot: CheckpointSnapshot) {
    waitUntilIdle()
    buffer.reserve(SnapshotBuffer.byteCount(of: snapshot))
  }

  /// Copies a snapshot and starts writing it.
  ///
  /// Call from one thread. The tensors may change as soon as this returns.
  ///
  /// - Returns: False if the previous write is still going on; the snapshot is then skipped.
  @discardableResult
  package func submit(_ snapshot: CheckpointSnapshot) -> Bool {
    let isFree = progress.withLock { progress in
      if progress.isWriting { progress.counts.skipped += 1 }
      defer { progress.isWriting = true }
      return !progress.isWriting
    }
    guard isFree else { return false }
    let owned = OwnedSnapshot(
      snapshot: Trace.span("checkpoint snapshot") { buffer.copy(snapshot) })
    queue.async { [self] in
      record(write(owned.snapshot))
    }
    return true
  }

  /// Waits for the write in flight, then writes a snapshot on the calling thread.
  ///
  /// For the last checkpoint of a run, which must not be skipped. The write is counted and reported
  /// like any other.
  ///
  /// - Throws: `SaveFailure`.
  @discardableResult
  package func saveAndWait(_ snapshot: CheckpointSnapshot) throws(SaveFailure) -> SaveReport {
    waitUntilIdle()
    progress.withLock { $0.isWriting = true }
    let report = write(snapshot)
    record(report)
    return try report.result.get()
  }

  /// Returns once no write is in flight.
  package func waitUntilIdle() { queue.sync {} }

  /// The writes that have ended since the last call, oldest first.
  package func takeReports() -> [Report] {
    progress.withLock { progress in
      defer { progress.reports = [] }
      return progress.reports
    }
  }

  /// How many checkpoints were saved, failed and skipped.
  package var counts: Counts { progress.withLock { $0.counts } }

  /// Whether a write is in flight.
  package var isWriting: Bool { progress.withLock { $0.isWriting } }

  private func write(_ snapshot: CheckpointSnapshot) -> Report {
    let start = ContinuousClock.now
    let result = Trace.span("write the checkpoint", .checkpoint) {
      Result { try store.save(snapshot) }.mapError { SaveFailure(description: "\($0)") }
    }
    let duration = start.duration(to: .now) / .seconds(1)
    return Report(step: snapshot.state.step, result: result, durationSeconds: duration)
  }

  private func record(_ report: Report) {
    progress.withLock { progress in
      switch report.result {
      case .success: progress.counts.saved += 1
      case .failure: progress.counts.failed += 1
      }
      progress.reports.append(report)
      progress.isWriting = false
    }
  }
}
