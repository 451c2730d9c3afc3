import CKernels
import Kernels
import TensorCore

struct Add: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value + inputs[1].value, ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient, outputGradient]
  }
}

struct Subtract: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.combined(CKERNELS_SUBTRACT, with: inputs[1].value), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient, needs[1] ? outputGradient * -1 : nil]
  }
}

struct Multiply: Operation {
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (inputs[0].value.combined(CKERNELS_MULTIPLY, with: inputs[1].value), inputs)
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [needs[0] ? outputGradient * saved[1] : nil, needs[1] ? outputGradient * saved[0] : nil]
  }
}

/// `factor * x`.
struct Scale: Operation {
  let factor: Float

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_SCALE, factor), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient * factor]
  }
}

/// `x + constant`, in the plain layout.
struct AddConstant: Operation {
  let constant: Float

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs[0].value.mapped(CKERNELS_ADD_CONSTANT, constant), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [outputGradient]
  }
}

extension Variable {
  /// The sum of two variables of one shape.
  package static func + (a: Variable, b: Variable) -> Variable { apply(Add(), [a, b]) }

  /// The difference of two variables of one shape.
  package static func - (a: Variable, b: Variable) -> Variable { apply(Subtract(), [a, b]) }

  /// The product of two variables of one shape, element by element.
  package static func * (a: Variable, b: Variable) -> Variable { apply(Multiply(), [a, b]) }

  /// The quotient of two variables of one shape, element by element; plain layout.
  package static func / (a: Variable, b: Variable) -> Variable { a * b.reciprocal() }

  /// A variable times a number.
  package static func * (a: Variable, factor: Float) -> Variable {
    apply(Scale(factor: factor), [a])
  }

  /// A variable plus a number; the result is in the plain layout.
  package static func + (a: Variable, constant: Float) -> Variable {
    apply(AddConstant(constant: constant), [a.plain()])
  }
}
