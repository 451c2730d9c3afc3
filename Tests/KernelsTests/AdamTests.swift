import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Adam kernel")
struct AdamTests {
  @Test(arguments: [1, 17, 16_385])
  func threeStepsEqualTheFormula(count: Int) {
    var random = CounterBasedRandom(test: count)
    var expected = ReferenceTensor.random([count], using: &random)
    var (m, v) = (
      ReferenceTensor(repeating: 0, shape: [count]), ReferenceTensor(repeating: 0, shape: [count])
    )
    let (parameter, first, second) = (expected.tensor(), m.tensor(), v.tensor())
    let (rate, beta1, beta2, epsilon, scale) = (2e-4, 0.5, 0.999, 1e-8, 0.25)
    var (power1, power2) = (1.0, 1.0)
    for step in 1...3 {
      let gradient = ReferenceTensor.random([count], using: &random)
      power1 *= beta1
      power2 *= beta2
      var settings = ckernels_adam_settings()
      settings.learning_rate = Float(rate)
      settings.one_minus_beta1 = Float(1 - beta1)
      settings.beta2 = Float(beta2)
      settings.one_minus_beta2 = Float(1 - beta2)
      settings.epsilon = Float(epsilon)
      settings.gradient_scale = Float(scale)
      settings.bias_correction1 = Float(1 - power1)
      settings.bias_correction2 = Float((1 - power2).squareRoot())
      gradient.tensor().withUnsafeFloats { values in
        guard let values = values.baseAddress else { return }
        _ = ckernels_adam(
          &settings, values, parameter.mutablePointer, first.mutablePointer,
          second.mutablePointer, count)
      }
      for index in 0..<count {
        let g = scale * gradient.elements[index]
        m.elements[index] = beta1 * m.elements[index] + (1 - beta1) * g
        v.elements[index] = beta2 * v.elements[index] + (1 - beta2) * g * g
        let (mean, deviation) = (
          m.elements[index] / (1 - power1), (v.elements[index] / (1 - power2)).squareRoot()
        )
        expected.elements[index] -= rate * mean / (deviation + epsilon)
      }
      expectClose(first, m, .normwise(1e-6), "first moment, step \(step)")
      expectClose(second, v, .normwise(1e-6), "second moment, step \(step)")
      expectClose(
        parameter, expected, .elementwise(absolute: 1e-7, relative: 1e-6), "step \(step)")
    }
  }
}
