/// Which code computes convolutions.
///
/// The choice is part of a run's arithmetic: different code rounds differently.
package enum ConvolutionBackend: String, Sendable, CaseIterable {
  /// Winograd where it is known to be faster, otherwise oneDNN: a pure function of the shape.
  case automatic = "auto"
  /// Winograd wherever it is possible, for comparisons; oneDNN for the rest.
  case winograd
  /// oneDNN's direct convolutions, in the layouts that the library prefers.
  case library = "onednn"
  /// Columns and OpenBLAS matrix products in the plain layout: the independent check.
  case columns = "openblas"

  /// The code that convolutions in this task use.
  @TaskLocal package static var current = ConvolutionBackend.automatic

  /// Whether this backend computes a convolution by Winograd: a function of shape and instruction set
  /// alone.
  func usesWinograd(for shape: ConvolutionShape, _ direction: ConvolutionDirection) -> Bool {
    switch self {
    case .automatic: WinogradConvolution.isChosen(for: shape, direction)
    case .winograd: WinogradConvolution.isPossible(for: shape)
    case .library, .columns: false
    }
  }
}
