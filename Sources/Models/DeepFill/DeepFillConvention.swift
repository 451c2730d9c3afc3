import Kernels

/// Whose weights a DeepFill network fits.
///
/// The TensorFlow code and its PyTorch port are different functions of the same weights
/// (docs/models/deepfill.md 6.3).
package enum DeepFillConvention: String, Sendable, CaseIterable {
  /// The PyTorch port: symmetric padding, nearest sampling by `floor`, patch norms with an offset.
  case torch
  /// The TensorFlow code: "SAME" padding, nearest sampling with aligned corners, clamped patch norms.
  case tf

  /// How convolutions are padded so that stride 1 keeps the size and stride 2 halves an even one.
  func settings(kernelSize: Int, stride: Int, dilation: Int = 1) -> ConvolutionSettings {
    let total = dilation * (kernelSize - 1)
    // "SAME" of stride 2 pads an even size with one zero less, which is missing at the top and left.
    return stride == 2 && self == .tf
      ? ConvolutionSettings(
        stride: 2, padding: (total - 1) / 2, dilation: dilation, trailingPadding: 1)
      : ConvolutionSettings(stride: stride, padding: total / 2, dilation: dilation)
  }

  /// The rules of contextual attention.
  package var attention: PatchAttention {
    switch self {
    case .torch: PatchAttention(sampling: .floor, norm: .offset)
    case .tf: PatchAttention(sampling: .alignedCorners, norm: .clamped)
    }
  }
}
