import Dispatch
import Synchronization

/// Work that another thread does while this one goes on.
package final class Meanwhile<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let work = DispatchGroup()

  /// Begins.
  package init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global(qos: .userInitiated).async(group: work) {
      let result = Result { try body() }
      self.result.withLock { $0 = result }
    }
  }

  /// What the work gave, when it is done.
  ///
  /// - Throws: What the work threw.
  package func value() throws -> Value {
    work.wait()
    guard let result = result.withLock({ $0 }) else { preconditionFailure("work without a result") }
    return try result.get()
  }
}
