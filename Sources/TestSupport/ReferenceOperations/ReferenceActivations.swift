import Foundation

extension ReferenceTensor {
  /// `x > 0 ? x : negativeSlope x`.
  package func leakyReLU(negativeSlope: Double) -> ReferenceTensor {
    map { $0 > 0 ? $0 : negativeSlope * $0 }
  }

  /// `x > 0 ? x : exp(x) - 1`.
  package func elu() -> ReferenceTensor { map { $0 > 0 ? $0 : expm1($0) } }

  /// `x` limited to `-bound ... bound`.
  package func clipped(to bound: Double) -> ReferenceTensor { map { min(max($0, -bound), bound) } }

  /// The hyperbolic tangent.
  package func tanh() -> ReferenceTensor { map { Foundation.tanh($0) } }

  /// `1 / (1 + exp(-x))`.
  package func sigmoid() -> ReferenceTensor { map { 1 / (1 + exp(-$0)) } }

  /// `log(1 + exp(x))`.
  package func softplus() -> ReferenceTensor { map { max($0, 0) + log1p(exp(-abs($0))) } }

  /// `exp(x)`.
  package func exponential() -> ReferenceTensor { map { exp($0) } }

  /// The natural logarithm.
  package func logarithm() -> ReferenceTensor { map { log($0) } }

  /// The square root.
  package func squareRoot() -> ReferenceTensor { map { $0.squareRoot() } }

  /// `1 / x`.
  package func reciprocal() -> ReferenceTensor { map { 1 / $0 } }

  /// `|x|`.
  package func absoluteValue() -> ReferenceTensor { map { abs($0) } }
}
