import HTTPService
import Synchronization

/// The open streams of events.
final class EventStreams: Sendable {
  private struct State {
    /// What produces each stream's events; nil while it is being started.
    var tasks: [Int: Task<Void, Never>?] = [:]
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
    let place: Result<Int, HTTPProblem> = state.withLock { state in
      guard !state.isEnded else { return .failure(.closing) }
      guard state.tasks.count < StudioLimits.eventStreams else {
        return .failure(
          HTTPProblem(.tooManyRequests, "Too many pages watch this server; close some of them."))
      }
      state.next += 1
      state.tasks[state.next] = .some(nil)
      return .success(state.next)
    }
    let number = try place.get()
    let task = Task {
      await produce(continuation)
      continuation.finish()
    }
    continuation.onTermination = { [weak self] _ in
      task.cancel()
      self?.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
    }
    let isEnded = state.withLock { state in
      // It may be over already.
      if state.tasks[number] != nil { state.tasks[number] = task }
      return state.isEnded
    }
    if isEnded { task.cancel() }
    return HTTPResponse(events: events)
  }

  /// Ends all streams, and opens no more.
  func end() {
    let tasks = state.withLock { state in
      state.isEnded = true
      return state.tasks.values.compactMap(\.self)
    }
    tasks.forEach { $0.cancel() }
  }
}
