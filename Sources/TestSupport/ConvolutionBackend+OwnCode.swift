package import Kernels

extension ConvolutionBackend {
  /// Computes with this backend's own code, small convolutions too.
  package func withOwnCode<Result>(_ compute: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self) {
      try Self.$sparesSmall.withValue(false, operation: compute)
    }
  }
}
