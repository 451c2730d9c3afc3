import HTTPService
import Synchronization

/// How many streams of events are open.
final class StreamCount: Sendable {
  private let count = Mutex(0)

  /// Opens one more, which counts until it ends.
  ///
  /// - Throws: `HTTPProblem` where there are too many.
  func open(
    _ produce: @escaping @Sendable (AsyncStream<ServerSentEvent>.Continuation) async -> Void
  ) throws(HTTPProblem) -> HTTPResponse {
    let isFull = count.withLock { count in
      guard count < StudioLimits.eventStreams else { return true }
      count += 1
      return false
    }
    if isFull {
      throw HTTPProblem(.tooManyRequests, "Too many pages watch this server; close some of them.")
    }
    return HTTPResponse(
      events: AsyncStream(bufferingPolicy: .bufferingNewest(500)) { continuation in
        let task = Task {
          await produce(continuation)
          continuation.finish()
        }
        continuation.onTermination = { [self] _ in
          task.cancel()
          count.withLock { $0 -= 1 }
        }
      })
  }
}
