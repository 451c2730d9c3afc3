package import Kernels

extension ConvolutionBackend {
  /// Computes with this backend's own code, small convolutions too.
  package func withOwnCode<Result>(_ compute: () throws -> Result) rethrows -> Result {
    try with(sparesSmall: false, compute)
  }

  /// Computes with this backend, and small convolutions with its own code or not.
  package func with<Result>(
    sparesSmall: Bool, _ compute: () throws -> Result
  ) rethrows -> Result {
    try Self.$current.withValue(self) {
      try Self.$sparesSmall.withValue(sparesSmall, operation: compute)
    }
  }
}
