import CKernels
import Foundation
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Elementwise kernels")
struct ElementwiseTests {
  struct UnaryCase: Sendable {
    let name: String
    let function: ckernels_unary_function
    var parameter: Double = 0
    var range: ClosedRange<Double> = -4...4
    let reference: @Sendable (Double) -> Double
  }

  static let unary = [
    UnaryCase(name: "ReLU", function: CKERNELS_LEAKY_RELU) { max($0, 0) },
    UnaryCase(name: "leaky ReLU", function: CKERNELS_LEAKY_RELU, parameter: 0.25) {
      $0 > 0 ? $0 : 0.25 * $0
    },
    UnaryCase(name: "ELU", function: CKERNELS_ELU) { $0 > 0 ? $0 : expm1($0) },
    UnaryCase(name: "tanh", function: CKERNELS_TANH) { tanh($0) },
    UnaryCase(name: "sigmoid", function: CKERNELS_SIGMOID) { 1 / (1 + exp(-$0)) },
    UnaryCase(name: "softplus", function: CKERNELS_SOFTPLUS) { log1p(exp($0)) },
    UnaryCase(name: "exp", function: CKERNELS_EXP) { exp($0) },
    UnaryCase(name: "log", function: CKERNELS_LOG, range: 0.1...4) { log($0) },
    UnaryCase(name: "square root", function: CKERNELS_SQRT, range: 0...4) { $0.squareRoot() },
    UnaryCase(name: "reciprocal", function: CKERNELS_RECIPROCAL, range: 0.1...4) { 1 / $0 },
    UnaryCase(name: "abs", function: CKERNELS_ABS) { abs($0) },
    UnaryCase(name: "sign", function: CKERNELS_SIGN) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    UnaryCase(name: "scale", function: CKERNELS_SCALE, parameter: -1.5) { -1.5 * $0 },
    UnaryCase(name: "add constant", function: CKERNELS_ADD_CONSTANT, parameter: 0.75) {
      $0 + 0.75
    },
  ]

  @Test(arguments: [1, 15, 16, 17, 1000, 16_384, 40_001])
  func unaryFunctions(count: Int) {
    for (index, unary) in Self.unary.enumerated() {
      var random = CounterBasedRandom(test: index)
      let x = ReferenceTensor.random([count], in: unary.range, using: &random)
      expectClose(
        x.tensor().mapped(unary.function, Float(unary.parameter)), x.map(unary.reference),
        .elementwise(absolute: 1e-6, relative: 1e-6), "\(unary.name) of \(count)")
    }
  }

  struct BinaryCase: Sendable {
    let name: String
    let function: ckernels_binary_function
    var parameter: Double = 0
    let reference: @Sendable (Double, Double) -> Double
  }

  static let binary = [
    BinaryCase(name: "add", function: CKERNELS_ADD) { $0 + $1 },
    BinaryCase(name: "subtract", function: CKERNELS_SUBTRACT) { $0 - $1 },
    BinaryCase(name: "multiply", function: CKERNELS_MULTIPLY) { $0 * $1 },
    BinaryCase(name: "leaky ReLU gradient", function: CKERNELS_LEAKY_RELU_GRADIENT, parameter: 0.5)
    { $1 > 0 ? $0 : 0.5 * $0 },
    BinaryCase(name: "ELU gradient", function: CKERNELS_ELU_GRADIENT) {
      $1 > 0 ? $0 : $0 * ($1 + 1)
    },
    BinaryCase(name: "add scaled", function: CKERNELS_ADD_SCALED, parameter: -0.125) {
      $0 - 0.125 * $1
    },
  ]

  @Test(arguments: FeatureMapCases.shapes)
  func binaryFunctionsInEveryPairOfLayouts(shape: [Int]) {
    var random = CounterBasedRandom(test: shape.reduce(0, +))
    let a = ReferenceTensor.random(shape, using: &random)
    let b = ReferenceTensor.random(shape, using: &random)
    for layout in FeatureMapCases.layouts {
      for otherLayout in FeatureMapCases.layouts {
        for binary in Self.binary {
          let result = a.tensor(layout: layout).combined(
            binary.function, with: b.tensor(layout: otherLayout), Float(binary.parameter))
          #expect(result.layout == layout)
          expectPaddingIsZero(result, binary.name)
          expectClose(
            result, a.combined(with: b, binary.reference),
            .elementwise(absolute: 1e-7, relative: 1e-6), "\(binary.name), \(layout)")
        }
      }
    }
  }

  @Test func divisionInThePlainLayout() {
    var random = CounterBasedRandom(test: 1)
    let a = ReferenceTensor.random([1000], using: &random)
    let b = ReferenceTensor.randomAwayFromZero([1000], using: &random)
    expectClose(
      a.tensor().combined(CKERNELS_DIVIDE, with: b.tensor()), a.combined(with: b, /),
      .normwise(1e-7))
  }

  @Test func extremeArgumentsStayFinite() {
    let x = Tensor([-200, -90, 0, 90, 200], shape: [5])
    let softplus = x.mapped(CKERNELS_SOFTPLUS).elements
    #expect(softplus[0] == 0 && softplus[4] == 200)
    #expect(softplus.allSatisfy { $0.isFinite })
    #expect(x.mapped(CKERNELS_SIGMOID).elements[0] == 0)
    #expect(x.mapped(CKERNELS_SIGMOID).elements[4] == 1)
    #expect(x.mapped(CKERNELS_ELU).elements[0] == -1)
    #expect(x.mapped(CKERNELS_TANH).elements == [-1, -1, 0, 1, 1])
  }

  @Test func notANumberIsPassedOn() {
    let x = Tensor(repeating: .nan, shape: [33])
    for unary in Self.unary where unary.name != "sign" {
      #expect(
        x.mapped(unary.function, 0.5).elements.allSatisfy { $0.isNaN }, "\(unary.name) hides a NaN")
    }
  }

  @Test func addingInPlaceLeavesSharedMemoryAlone() {
    var sum = Tensor([1, 2], shape: [2])
    let memory = sum.storage.pointer
    sum.add(Tensor([10, 20], shape: [2]))
    #expect(sum.storage.pointer == memory)
    let shared = sum
    sum.add(sum)
    #expect(shared.elements == [11, 22])
    #expect(sum.elements == [22, 44])
  }

  @Test func addingInPlaceDropsDerivedForms() {
    var sum = Tensor([1, 2], shape: [2])
    _ = sum.storage.derived("form") { Tensor(0) }
    sum.add(Tensor([1, 1], shape: [2]))
    #expect(sum.storage.derived("form") { Tensor(1) }.scalar == 1)
  }

  @Test func blend() {
    for shape in FeatureMapCases.shapes {
      var random = CounterBasedRandom(test: shape.reduce(0, +))
      let a = ReferenceTensor.random(shape, using: &random)
      let b = ReferenceTensor.random(shape, using: &random)
      let hole = ReferenceTensor.random(
        [shape[0], 1, shape[2], shape[3]], in: 0...1, using: &random)
      expectClose(
        Tensor.blend(hole: hole.tensor(), a.tensor(layout: .blocked(8)), b.tensor()),
        ReferenceTensor.blend(hole: hole, a, b), .normwise(1e-6))
    }
  }
}
