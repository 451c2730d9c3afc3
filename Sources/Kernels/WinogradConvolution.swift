import TensorCore

/// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3), which needs a quarter of the multiplications.
struct WinogradConvolution {
  private let shape: ConvolutionShape

  init(_ shape: ConvolutionShape) {
    self.shape = shape
  }

  /// Whether Winograd is faster than the library: a pure function of shape and direction.
  static func isChosen(for shape: ConvolutionShape, _ direction: ConvolutionDirection) -> Bool {
    false
  }

  func forward(_ input: Tensor, _ weight: Tensor, bias: Tensor?, negativeSlope: Float?) -> Tensor {
    fatalError()
  }
  func dataGradient(_ outputGradient: Tensor, _ weight: Tensor) -> Tensor { fatalError() }
  func weightGradient(_ input: Tensor, _ outputGradient: Tensor) -> Tensor { fatalError() }
}
