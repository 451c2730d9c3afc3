import Synchronization

/// A task that another thread may end, before it starts as well.
final class StoppableTask: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isStopped = false
  }

  private let state = Mutex(State())

  /// Runs to the end, which is soon once `stop` was called.
  func run(_ body: @escaping @Sendable () async -> Void) async {
    let task = Task { await body() }
    let isStopped = state.withLock { state in
      state.task = task
      return state.isStopped
    }
    if isStopped { task.cancel() }
    await task.value
  }

  /// Cancels the task.
  func stop() {
    let task = state.withLock { state in
      state.isStopped = true
      return state.task
    }
    // Not within the lock: whoever hears of it may take any other.
    task?.cancel()
  }
}
