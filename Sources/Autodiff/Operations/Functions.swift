import CKernels
import Kernels
import TensorCore

/// A function of each element whose derivative is written with other operations.
struct ElementFunction: Operation {
  enum Kind: Sendable {
    case sigmoid, softplus, exponential, logarithm, squareRoot, reciprocal, absoluteValue
  }

  let kind: Kind
  var keepsOutput: Bool { true }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Variable) {
    let function =
      switch kind {
      case .sigmoid: CKERNELS_SIGMOID
      case .softplus: CKERNELS_SOFTPLUS
      case .exponential: CKERNELS_EXP
      case .logarithm: CKERNELS_LOG
      case .squareRoot: CKERNELS_SQRT
      case .reciprocal: CKERNELS_RECIPROCAL
      case .absoluteValue: CKERNELS_ABS
      }
    return (inputs[0].value.mapped(function), inputs[0])
  }

  func backward(_ outputGradient: Variable, _ input: Variable, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard let y = output else { return [nil] }
    switch kind {
    case .sigmoid: return [outputGradient * (y - y * y)]
    case .softplus: return [outputGradient * input.sigmoid()]
    case .exponential: return [outputGradient * y]
    case .logarithm: return [outputGradient * input.reciprocal()]
    case .squareRoot: return [outputGradient * y.reciprocal() * 0.5]
    case .reciprocal: return [outputGradient * (y * y) * -1]
    case .absoluteValue: return [outputGradient * Variable(input.value.mapped(CKERNELS_SIGN))]
    }
  }
}

extension Variable {
  /// `1 / (1 + exp(-x))`.
  package func sigmoid() -> Variable { plainFunction(.sigmoid) }

  /// `log(1 + exp(x))`, computed without overflow.
  package func softplus() -> Variable { plainFunction(.softplus) }

  /// `exp(x)`.
  package func exponential() -> Variable { plainFunction(.exponential) }

  /// The natural logarithm.
  package func logarithm() -> Variable { plainFunction(.logarithm) }

  /// The square root.
  package func squareRoot() -> Variable { plainFunction(.squareRoot) }

  /// `1 / x`.
  package func reciprocal() -> Variable { plainFunction(.reciprocal) }

  /// `|x|`; its derivative at 0 is taken as 0.
  package func absoluteValue() -> Variable {
    Variable.apply(ElementFunction(kind: .absoluteValue), [self])
  }

  /// Most of these functions would put numbers into channels that do not exist.
  private func plainFunction(_ kind: ElementFunction.Kind) -> Variable {
    Variable.apply(ElementFunction(kind: kind), [plain()])
  }
}
