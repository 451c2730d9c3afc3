import CKernels
import Synchronization
package import TensorCore

extension Layout {
  /// The blocked layout that this processor's convolutions work on.
  package static let native = Layout.blocked(Int(ckernels_channel_block()))
}

extension Tensor {
  /// The same elements in another layout.
  ///
  /// - Precondition: Four axes, float32.
  package func converted(to target: Layout) -> Tensor {
    guard layout != target else { return self }
    guard layout == .plain || target == .plain else {
      return converted(to: .plain).converted(to: target)
    }
    let result = Tensor(uninitialized: shape, layout: target)
    let pixels = shape[2] * shape[3]
    if case .blocked(let block) = target {
      ckernels_plain_to_blocked(
        pointer, shape[0], shape[1], pixels, block, result.mutablePointer)
    } else {
      ckernels_blocked_to_plain(
        pointer, shape[0], shape[1], pixels, layout.channelBlock, result.mutablePointer)
    }
    KernelStatistics.layoutConversions.add(1, ordering: .relaxed)
    return result
  }
}
