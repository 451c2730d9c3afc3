package import TensorCore

/// A 5x5 or 4x4 convolution of stride 2 as a 3x3 one of stride 1 on the four phases of its input.
///
/// The pixels of even and of odd rows and columns become channels of their own, and the taps that meet
/// a phase a 3x3 window with zeros where there are fewer. That takes 36 products for 25 or 16, which
/// Winograd's algorithm computes with the multiplications of 9, and less where taps are zero.
package struct PolyphaseConvolution: Sendable, Equatable {
  /// Zeros before the first row and column of the convolution of stride 2.
  package let padding: Int
  /// Rows and columns of its window: 5 or 4.
  package let kernelSize: Int

  /// What the 3x3 convolution is.
  package var settings: ConvolutionSettings {
    var settings = ConvolutionSettings(padding: 1)
    func empty(_ phase: Int) -> Int? { [0, 2].first { tap($0, phase: phase) == nil } }
    settings.emptyTaps = PhaseTaps(even: empty(0), odd: empty(1))
    return settings
  }

  /// Fewer tiles of 4x4 outputs do not pay for transforming the weights.
  private static let leastTiles = 64

  /// The form of a convolution, where it exists and is faster; a function of the shape alone.
  package init?(input: Shape, weight: Shape, settings: ConvolutionSettings) {
    let backend = ConvolutionBackend.current
    let symmetric = ConvolutionSettings(stride: 2, padding: 2)
    let trailing = ConvolutionSettings(stride: 2, padding: 1, trailingPadding: 1)
    let possible =
      [5: [symmetric, trailing], 4: [ConvolutionSettings(stride: 2, padding: 1)]][weight[2]] ?? []
    guard weight[2] == weight[3], possible.contains(settings),
      input[2].isMultiple(of: 2), input[3].isMultiple(of: 2),
      input[1].isMultiple(of: Layout.native.channelBlock),
      backend == .automatic || backend == .winograd
    else { return nil }
    (padding, kernelSize) = (settings.padding, weight[2])
    let shape = ConvolutionShape(
      input: [input[0], 4 * input[1], input[2] / 2, input[3] / 2],
      weight: [weight[0], 4 * weight[1], 3, 3], settings: ConvolutionSettings(padding: 1))
    let outputs = shape.batch * shape.outputHeight * shape.outputWidth
    guard backend.usesWinograd(for: shape, .forward, .float32), outputs >= 16 * Self.leastTiles
    else {
      return nil
    }
  }

  /// The taps of the window that the taps of the 3x3 window of a phase are; nil for none.
  private func tap(_ place: Int, phase: Int) -> Int? {
    let tap = 2 * place + phase - (2 - padding)
    return (0..<kernelSize).contains(tap) ? tap : nil
  }

  /// Where the taps of a window of the first channel are in the 3x3 windows of its phases, among the
  /// weights of one output for so many inputs.
  private func places(inputs: Int) -> [Int] {
    var places = [Int](repeating: 0, count: taps)
    for phase in 0..<4 {
      for row in 0..<3 {
        for column in 0..<3 {
          guard let y = tap(row, phase: phase / 2), let x = tap(column, phase: phase % 2) else {
            continue
          }
          places[y * kernelSize + x] = phase * inputs * 9 + row * 3 + column
        }
      }
    }
    return places
  }

  /// Taps of the window.
  private var taps: Int { kernelSize * kernelSize }

  /// The weight of the 3x3 convolution: [O, 4 I, 3, 3] for [O, I, k, k]; kept until that changes.
  package func weight(_ weight: Tensor) -> Tensor {
    weight.storage.derived("polyphase \(padding) \(weight.shape)") {
      let (outputs, inputs) = (weight.shape[0], weight.shape[1])
      let result = Tensor(repeating: 0, shape: [outputs, 4 * inputs, 3, 3])
      let (source, target, places) = (weight.pointer, result.mutablePointer, places(inputs: inputs))
      parallelFor(outputs) { output in
        for input in 0..<inputs {
          let window = source + (output * inputs + input) * taps
          let phases = target + (output * 4 * inputs + input) * 9
          for tap in 0..<taps { phases[places[tap]] = window[tap] }
        }
      }
      return result
    }
  }

  /// The gradient of `weight(_:)`: [O, I, k, k] for [O, 4 I, 3, 3].
  package func weightGradient(_ gradient: Tensor) -> Tensor {
    let (outputs, inputs) = (gradient.shape[0], gradient.shape[1] / 4)
    let result = Tensor(uninitialized: [outputs, inputs, kernelSize, kernelSize])
    let (source, target, places) = (gradient.pointer, result.mutablePointer, places(inputs: inputs))
    parallelFor(outputs) { output in
      for input in 0..<inputs {
        let phases = source + (output * 4 * inputs + input) * 9
        let window = target + (output * inputs + input) * taps
        for tap in 0..<taps { window[tap] = phases[places[tap]] }
      }
    }
    return result
  }
}

extension Tensor {
  /// The pixels of even and odd rows and columns as channels of their own: [N, 4 C, H / 2, W / 2],
  /// channel `(2 (row mod 2) + column mod 2) C + c`.
  ///
  /// - Precondition: H and W are even; C fills channel blocks.
  package func spaceToDepth() -> Tensor {
    let result = Tensor(
      uninitialized: [shape[0], 4 * shape[1], shape[2] / 2, shape[3] / 2], layout: layout)
    FeaturePlanes(self).forEachPixelOfPhases { pixel, place, lanes in
      (result.mutablePointer + place).update(from: pointer + pixel, count: lanes)
    }
    return result
  }

  /// The inverse of `spaceToDepth`: [N, C, 2 H, 2 W] for [N, 4 C, H, W].
  package func depthToSpace() -> Tensor {
    let result = Tensor(
      uninitialized: [shape[0], shape[1] / 4, 2 * shape[2], 2 * shape[3]], layout: layout)
    FeaturePlanes(result).forEachPixelOfPhases { pixel, place, lanes in
      (result.mutablePointer + pixel).update(from: pointer + place, count: lanes)
    }
    return result
  }
}

extension FeaturePlanes {
  /// Calls a function with the place of each pixel in these maps and in those of its phases.
  fileprivate func forEachPixelOfPhases(
    _ body: (_ pixel: Int, _ place: Int, _ lanes: Int) -> Void
  ) {
    precondition(
      height.isMultiple(of: 2) && width.isMultiple(of: 2), "\(height)x\(width) has no phases")
    let (halfHeight, halfWidth) = (height / 2, width / 2)
    parallelFor(batch * planes) { plane in
      let (image, own) = plane.quotientAndRemainder(dividingBy: planes)
      for row in 0..<height {
        for column in 0..<width {
          let phase = 2 * (row % 2) + column % 2
          let target = (image * 4 + phase) * planes + own
          body(
            ((plane * height + row) * width + column) * lanes,
            ((target * halfHeight + row / 2) * halfWidth + column / 2) * lanes, lanes)
        }
      }
    }
  }
}
