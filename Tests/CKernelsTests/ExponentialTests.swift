import CKernels
import Foundation
import Testing

/// The polynomials behind exp and its kin, against double precision, over all exponents.
@Suite("Exponential functions")
struct ExponentialTests {
  private static let arguments: [Float] = {
    var values: [Float] = [0, -0.0]
    for bits in stride(from: UInt32(0), to: 0xFF80_0000, by: 60_013) {
      let value = Float(bitPattern: bits)
      if value.isFinite { values.append(value) }
    }
    return values
  }()

  private static func results(_ function: ckernels_unary_function, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: 0, count: x.count)
    ckernels_unary(function, x, 0, &y, x.count, CKERNELS_FLOAT32)
    return y
  }

  @Test(
    arguments: [
      (CKERNELS_EXP, 2), (CKERNELS_ELU, 2), (CKERNELS_TANH, 3), (CKERNELS_SIGMOID, 3),
    ] as [(ckernels_unary_function, Double)])
  func staysWithinAFewUnitsInTheLastPlace(function: ckernels_unary_function, units: Double) {
    let x = Self.arguments
    for (x, y) in zip(x, Self.results(function, x)) {
      let exact: Double =
        switch function {
        case CKERNELS_EXP: exp(Double(x))
        case CKERNELS_ELU: x > 0 ? Double(x) : expm1(Double(x))
        case CKERNELS_TANH: tanh(Double(x))
        default: 1 / (1 + exp(-Double(x)))
        }
      let rounded = Float(exact)
      // Results below the normal numbers may be rounded to zero.
      guard rounded.isNormal else { continue }
      #expect(abs(Double(y) - exact) <= units * Double(rounded.ulp), "f(\(x)) = \(y), not \(exact)")
    }
  }

  @Test func limitsAndNaN() {
    let x: [Float] = [.infinity, -.infinity, .nan, 200, -200]
    #expect(
      Self.results(CKERNELS_EXP, x).map(\.description) == ["inf", "0.0", "nan", "inf", "0.0"])
    #expect(
      Self.results(CKERNELS_ELU, x).map(\.description) == ["inf", "-1.0", "nan", "200.0", "-1.0"])
    #expect(
      Self.results(CKERNELS_TANH, x).map(\.description) == ["1.0", "-1.0", "nan", "1.0", "-1.0"])
    #expect(
      Self.results(CKERNELS_SIGMOID, x).map(\.description) == ["1.0", "0.0", "nan", "1.0", "0.0"])
  }
}
