import HTTPService
import Synchronization

/// The open streams of events.
final class EventStreams: Sendable {
  private struct State {
    /// What produces each stream's events.
    var tasks: [Int: Task<Void, Never>] = [:]
    var next = 0
    var isEnded = false
  }

  private let state = Mutex(State())

  /// Opens one more.
  ///
  /// - Parameter produce: Makes the events until its task is cancelled; may say a last one then.
  /// - Returns: The answer that sends them.
  /// - Throws: `HTTPProblem` where there are too many, or after the end.
  func open(
    _ produce: @escaping @Sendable (AsyncStream<ServerSentEvent>.Continuation) async -> Void
  ) throws(HTTPProblem) -> HTTPResponse {
    let (events, continuation) = AsyncStream<ServerSentEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(500))
    let problem: HTTPProblem? = state.withLock { state in
      guard !state.isEnded else { return .closing }
      guard state.tasks.count < StudioLimits.eventStreams else {
        return HTTPProblem(
          .tooManyRequests, "Too many pages watch this server; close some of them.")
      }
      let number = state.next
      state.next += 1
      let task = Task {
        await produce(continuation)
        continuation.finish()
      }
      state.tasks[number] = task
      continuation.onTermination = { [weak self] _ in
        task.cancel()
        self?.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
      }
      return nil
    }
    if let problem { throw problem }
    return HTTPResponse(events: events)
  }

  /// Ends all streams, and opens no more.
  func end() {
    let tasks = state.withLock { state in
      state.isEnded = true
      return Array(state.tasks.values)
    }
    tasks.forEach { $0.cancel() }
  }
}
