import TensorCore

/// Which code computes convolutions.
///
/// The choice is part of a run's arithmetic: different code rounds differently.
package enum ConvolutionBackend: String, Sendable, CaseIterable {
  /// Winograd where it is known to be faster, otherwise oneDNN, and small ones in double precision: a
  /// pure function of the shape.
  case automatic = "auto"
  /// Winograd wherever it is possible, for comparisons; oneDNN for the rest.
  case winograd
  /// oneDNN's direct convolutions, in the layouts that the library prefers, and small ones in double
  /// precision.
  case library = "onednn"
  /// Columns and OpenBLAS matrix products, in double precision and the plain layout: the independent
  /// check.
  case columns = "openblas"

  /// The code that convolutions in this task use.
  @TaskLocal package static var current = ConvolutionBackend.automatic

  /// Whether small convolutions are computed in double precision by backends that choose by shape; tests
  /// of a backend's own code switch it off.
  @TaskLocal package static var sparesSmall = true

  /// The backend whose code computes a convolution: this one, or `columns` for small ones.
  ///
  /// Small ones have fewer channels than a block of the library's layouts, which would be filled up with
  /// zeros, or next to nothing to compute. For them double precision costs little, and networks that
  /// are too narrow for rounding errors to average out gain by it. It does not matter how many images
  /// are in a batch, so that scores do not depend on how pictures are spread.
  func computing(_ shape: ConvolutionShape, _ elementType: ElementType) -> ConvolutionBackend {
    switch self {
    case .automatic, .library:
      let isNarrow = max(shape.inputChannels, shape.outputChannels) < 16
      let isSmall =
        elementType == .float32 && Self.sparesSmall
        && shape.operationsPerImage <= (isNarrow ? 1 << 22 : 1 << 18)
      return isSmall ? .columns : self
    case .winograd, .columns: return self
    }
  }

  /// Whether a convolution that is computed as `columns` would be, in double precision, is spared them;
  /// the backend of that name, which is the check, is not.
  func sparesColumns(_ shape: ConvolutionShape) -> Bool {
    self != .columns && NarrowConvolution.isPossible(for: shape)
  }

  /// The taps that a convolution is made smaller to, where that saves work; the other backends compute all,
  /// for comparisons.
  func usedTaps(of shape: ConvolutionShape, _ elementType: ElementType) -> UsedTaps? {
    computing(shape, elementType) == .automatic ? UsedTaps(shape) : nil
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
