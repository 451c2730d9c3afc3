import Kernels
import TensorCore

/// Feature maps one after another along the channel axis.
struct Concatenate: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Int]) {
    (Tensor.concatenated(inputs.map(\.value)), inputs.map { $0.shape[1] })
  }

  func backward(
    _ outputGradient: Variable, _ channelCounts: [Int], output: Variable?, needs: [Bool]
  ) -> [Variable?] {
    var first = 0
    return channelCounts.enumerated().map { index, count in
      defer { first += count }
      return needs[index] ? outputGradient.channels(first..<first + count) : nil
    }
  }
}

/// Some channels of feature maps.
struct SelectChannels: Operation {
  let channels: Range<Int>

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    (inputs[0].value.channels(channels), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ shape: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    func zeros(_ count: Int) -> [Variable] {
      guard count > 0 else { return [] }
      var dimensions = shape.dimensions
      dimensions[1] = count
      return [Variable(Tensor(repeating: 0, shape: Shape(dimensions)))]
    }
    return [
      Variable.concatenated(
        zeros(channels.lowerBound) + [outputGradient] + zeros(shape[1] - channels.upperBound))
    ]
  }
}

extension Variable {
  /// Variables one after another along the second axis: [N, C_i, H, W] or [N, C_i].
  package static func concatenated(_ parts: [Variable]) -> Variable {
    parts.count == 1 ? parts[0] : apply(Concatenate(), parts)
  }

  /// A range of the second axis.
  package func channels(_ channels: Range<Int>) -> Variable {
    Variable.apply(SelectChannels(channels: channels), [self])
  }
}
