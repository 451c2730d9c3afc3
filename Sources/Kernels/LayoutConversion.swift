import CKernels
import Synchronization
package import TensorCore

extension Layout {
  /// The blocked layout that this processor's convolutions work on.
  package static let native = Layout.blocked(Int(ckernels_channel_block()))
}

extension ElementType {
  /// The type's name in the kernels.
  var kernel: ckernels_element_type { self == .float32 ? CKERNELS_FLOAT32 : CKERNELS_BFLOAT16 }
}

extension Tensor {
  /// The same elements in another layout: in their type, but float32 in the plain layout.
  ///
  /// - Precondition: Four axes.
  package func converted(to target: Layout) -> Tensor {
    converted(to: target, target == .plain ? .float32 : elementType)
  }

  /// The same elements in another type: in their layout, but bfloat16 in the native one where it was
  /// plain.
  ///
  /// - Precondition: Four axes where the type changes.
  package func converted(to target: ElementType) -> Tensor {
    converted(to: target == .bfloat16 && layout == .plain ? .native : layout, target)
  }

  /// The same elements in the layout and type of another tensor.
  package func converted(like other: Tensor) -> Tensor {
    converted(to: other.layout, other.elementType)
  }

  /// The same elements in another layout and type; those that are rounded go to the nearest, ties to
  /// even.
  ///
  /// - Precondition: Four axes.
  package func converted(to layout: Layout, _ elementType: ElementType) -> Tensor {
    guard self.layout != layout else {
      return self.elementType == elementType ? self : withElementType(elementType)
    }
    guard self.layout == .plain || layout == .plain else {
      return converted(to: .plain, .float32).converted(to: layout, elementType)
    }
    KernelStatistics.layoutConversions.add(1, ordering: .relaxed)
    let result = Tensor(uninitialized: shape, layout: layout, elementType: elementType)
    let pixels = shape[2] * shape[3]
    KernelProfile.measure(.elementwise) {
      if self.layout == .plain {
        ckernels_plain_to_blocked(
          pointer, shape[0], shape[1], pixels, layout.channelBlock, elementType.kernel,
          result.mutableRawPointer)
      } else {
        ckernels_blocked_to_plain(
          rawPointer, shape[0], shape[1], pixels, self.layout.channelBlock,
          self.elementType.kernel, result.mutablePointer)
      }
    }
    return result
  }

  private func withElementType(_ target: ElementType) -> Tensor {
    let result = Tensor(uninitialized: shape, layout: layout, elementType: target)
    KernelProfile.measure(.elementwise) {
      if target == .bfloat16 {
        ckernels_to_bfloat16(pointer, storedElementCount, result.mutableRawPointer)
      } else {
        ckernels_from_bfloat16(rawPointer, storedElementCount, result.mutablePointer)
      }
    }
    return result
  }
}
