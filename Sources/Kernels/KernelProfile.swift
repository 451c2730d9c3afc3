import Synchronization
import TensorCore

/// Measures each convolution, and other kinds of kernels, while a profile is being taken.
package enum KernelProfile {
  /// What kernels other than convolutions are for.
  package enum Kind: String, Sendable, CaseIterable {
    /// Statistics, instance and batch norm, with the activations that they include.
    case normalization
    /// Comparisons of feature maps and pictures.
    case losses
    /// Activations, arithmetic, pooling, concatenation, and changes of layout and type, also those
    /// inside a convolution.
    case elementwise
  }

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
  private static let others = Mutex<[Kind: Double]>([:])
  private static let isOn = Atomic<Bool>(false)

  /// Starts a new profile.
  package static func start() {
    rows.withLock { $0 = [:] }
    others.withLock { $0 = [:] }
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

  /// Seconds that kernels other than convolutions took in the last profile.
  package static var secondsOfOthers: [Kind: Double] { others.withLock { $0 } }

  /// Measures a kernel that is no convolution, and calls none of its kind.
  static func measure<Result>(_ kind: Kind, _ body: () -> Result) -> Result {
    guard isOn.load(ordering: .relaxed) else { return body() }
    let clock = ContinuousClock()
    let start = clock.now
    let result = body()
    let seconds = (clock.now - start) / .seconds(1)
    others.withLock { $0[kind, default: 0] += seconds }
    return result
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
