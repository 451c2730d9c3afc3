import Synchronization
import TensorCore

/// Measures each convolution while a profile is being taken.
package enum KernelProfile {
  /// One kind of convolution and what its calls have cost.
  package struct Row: Sendable {
    /// What is convolved.
    package let shape: ConvolutionShape
    /// Which of the three convolutions.
    package let direction: ConvolutionDirection
    /// The code that computed it.
    package let implementation: String
    /// Number of calls.
    package var calls = 0
    /// Their duration.
    package var seconds = 0.0
  }

  private struct Key: Hashable {
    let shape: ConvolutionShape
    let direction: ConvolutionDirection
  }

  private static let rows = Mutex<[Key: Row]?>(nil)
  private static let isOn = Atomic<Bool>(false)

  /// Starts a new profile.
  package static func start() {
    rows.withLock { $0 = [:] }
    isOn.store(true, ordering: .relaxed)
  }

  /// Ends the profile and returns its rows, the most expensive first.
  package static func stop() -> [Row] {
    isOn.store(false, ordering: .relaxed)
    let taken = rows.withLock { rows in
      defer { rows = nil }
      return rows ?? [:]
    }
    return taken.values.sorted { $0.seconds > $1.seconds }
  }

  static func measure(
    _ shape: ConvolutionShape, _ direction: ConvolutionDirection,
    _ body: (inout String) -> Tensor
  ) -> Tensor {
    KernelStatistics.convolutions.add(1, ordering: .relaxed)
    var implementation = ""
    guard isOn.load(ordering: .relaxed) else { return body(&implementation) }
    let clock = ContinuousClock()
    let start = clock.now
    let result = body(&implementation)
    let seconds = (clock.now - start) / .seconds(1)
    rows.withLock { rows in
      guard rows != nil else { return }
      let key = Key(shape: shape, direction: direction)
      let row = Row(shape: shape, direction: direction, implementation: implementation)
      rows?[key, default: row].calls += 1
      rows?[key, default: row].seconds += seconds
    }
    return result
  }
}
