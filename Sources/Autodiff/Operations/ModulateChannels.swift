import Kernels
import TensorCore

/// Feature maps under a shape with as many numbers, the images of a batch as channels of one image or the
/// reverse: each is the other's derivative.
struct RegroupChannels: Operation {
  let target: Shape

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.regrouped(to: target), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ original: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(RegroupChannels(target: original), [outputGradient])]
  }
}

extension Variable {
  /// Multiplies each channel of each image by a number of its own and adds another.
  ///
  /// - Parameters:
  ///   - scale: [N, C].
  ///   - shift: [N, C].
  /// - Returns: [N, C, H, W], in this variable's layout and type.
  package func modulatingChannels(scale: Variable, shift: Variable) -> Variable {
    let (images, channels) = (shape[0], shape[1])
    // Only where channels fill their blocks, images follow each other without a gap.
    let maps = channels.isMultiple(of: value.layout.channelBlock) ? self : plain()
    return Variable.apply(
      RegroupChannels(target: [1, images * channels, shape[2], shape[3]]), [maps]
    )
    .scalingChannels(by: scale.reshaped(to: [images * channels]))
    .addingToChannels(shift.reshaped(to: [images * channels]))
    .regroupedChannels(to: shape).converted(to: value.layout, value.elementType)
  }

  private func regroupedChannels(to shape: Shape) -> Variable {
    Variable.apply(RegroupChannels(target: shape), [self])
  }
}
