import TensorCore

/// Which code computes convolutions.
///
/// The choice is part of a run's arithmetic: different code rounds differently.
package enum ConvolutionBackend: String, Sendable, CaseIterable {
  /// Winograd where it is known to be faster, otherwise oneDNN, and small ones as `columns`: a pure
  /// function of the shape.
  case automatic = "auto"
  /// Winograd wherever it is possible, for comparisons; oneDNN for the rest.
  case winograd
  /// oneDNN's direct convolutions, in the layouts that the library prefers, and small ones as `columns`.
  case library = "onednn"
  /// Columns and OpenBLAS matrix products, in double precision and the plain layout: the independent
  /// check.
  case columns = "openblas"

  /// The code that convolutions in this task use.
  @TaskLocal package static var current = ConvolutionBackend.automatic

  /// Floating-point operations for an image up to which a float32 convolution is small.
  ///
  /// Where there is little to compute, double precision costs next to nothing, and networks that are
  /// too small for rounding errors to cancel gain by it. At the published widths none is small.
  @TaskLocal package static var smallOperationCount = 1 << 22

  /// Weights up to which it is small: all are made double at every call.
  private static let smallWeightCount = 1 << 16

  /// The backend whose code computes a convolution: this one, or `columns` for small ones.
  ///
  /// However many images are in a batch, so that scores do not depend on how pictures are spread.
  func computing(_ shape: ConvolutionShape, _ elementType: ElementType) -> ConvolutionBackend {
    switch self {
    case .automatic, .library:
      let isSmall =
        elementType == .float32 && shape.operationsPerImage <= Self.smallOperationCount
        && shape.weight.elementCount <= Self.smallWeightCount
      return isSmall ? .columns : self
    case .winograd, .columns: return self
    }
  }

  /// Whether this backend computes a convolution by Winograd: a function of shape, type and
  /// instruction set alone.
  func usesWinograd(
    for shape: ConvolutionShape, _ direction: ConvolutionDirection, _ elementType: ElementType
  ) -> Bool {
    switch self {
    case .automatic: WinogradConvolution.isChosen(for: shape, direction, elementType)
    case .winograd: WinogradConvolution.isPossible(for: shape)
    case .library, .columns: false
    }
  }
}
