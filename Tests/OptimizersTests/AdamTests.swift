import Foundation
import Optimizers
import TensorCore
import TestSupport
import Testing

@Suite("Adam")
struct AdamTests {
  /// The formula in double precision, with powers of the library.
  private struct Reference {
    var parameters: [Double]
    var first: [Double]
    var second: [Double]

    init(_ parameters: [Double]) {
      self.parameters = parameters
      first = parameters.map { _ in 0 }
      second = first
    }

    mutating func update(
      _ gradients: [Double], step: Int, rate: Double, settings: AdamSettings
    ) {
      for (index, gradient) in gradients.enumerated() {
        first[index] = settings.beta1 * first[index] + (1 - settings.beta1) * gradient
        second[index] = settings.beta2 * second[index] + (1 - settings.beta2) * gradient * gradient
        let mean = first[index] / (1 - pow(settings.beta1, Double(step)))
        let square = second[index] / (1 - pow(settings.beta2, Double(step)))
        parameters[index] -= rate * mean / (square.squareRoot() + settings.epsilon)
      }
    }
  }

  @Test(arguments: [
    AdamSettings(), AdamSettings(learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-4),
    AdamSettings(beta1: 0, beta2: 0.9),
  ])
  func updatesFollowTheFormula(settings: AdamSettings) {
    let count = 33
    var random = CounterBasedRandom(test: 7)
    let start = ReferenceTensor.random([count], using: &random)
    let parameters = start.tensor()
    var (adam, reference) = (Adam(count: count, settings: settings), Reference(start.elements))
    for step in 1...40 {
      let gradients = ReferenceTensor.random([count], using: &random)
      // The rate changes on the way, as a schedule changes it.
      let rate = step > 20 ? settings.learningRate / 2 : settings.learningRate
      gradients.tensor().withUnsafeFloats { values in
        guard let values = values.baseAddress else { return }
        adam.update(parameters, gradients: values, gradientScale: 0.5, learningRate: rate)
      }
      reference.update(
        gradients.elements.map { 0.5 * $0 }, step: step, rate: rate, settings: settings)
    }
    #expect(adam.step == 40 && adam.parametersAreFinite)
    func expected(_ values: [Double]) -> ReferenceTensor { ReferenceTensor(values, shape: [count]) }
    expectClose(adam.firstMoment, expected(reference.first), .normwise(1e-5), "first moment")
    expectClose(adam.secondMoment, expected(reference.second), .normwise(1e-5), "second moment")
    expectClose(parameters, expected(reference.parameters), .normwise(1e-5), "parameters")
  }

  /// The first update moves every parameter by the whole rate against its gradient: the moments'
  /// start at zero is corrected for.
  @Test func theFirstUpdateHasTheSizeOfTheRate() {
    let parameters = Tensor([1, 1, 1], shape: [3])
    var adam = Adam(count: 3, settings: AdamSettings())
    let gradients: [Float] = [1e-3, -5, 200]
    gradients.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      adam.update(parameters, gradients: values, gradientScale: 1, learningRate: 0.01)
    }
    for (value, expected) in zip(parameters.elements, [0.99, 1.01, 0.99] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  /// Moments and step taken from another optimiser go on as that one would have: what a checkpoint
  /// rests on.
  @Test func restoredMomentsGoOnWithTheSameBits() {
    var random = CounterBasedRandom(test: 8)
    let first = ReferenceTensor.random([5], using: &random).tensor()
    let gradients = (0..<6).map { _ in ReferenceTensor.random([5], using: &random).tensor() }
    func update(_ adam: inout Adam, _ parameters: Tensor, _ gradients: Tensor) {
      gradients.withUnsafeFloats { values in
        guard let values = values.baseAddress else { return }
        adam.update(parameters, gradients: values, gradientScale: 1, learningRate: 1e-2)
      }
    }
    let whole = Tensor(first.elements, shape: [5])
    var adam = Adam(count: 5, settings: AdamSettings())
    for gradient in gradients.prefix(3) { update(&adam, whole, gradient) }
    let parameters = Tensor(whole.elements, shape: [5])
    var restored = Adam(count: 5, settings: AdamSettings())
    restored.firstMoment = Tensor(adam.firstMoment.elements, shape: [5])
    restored.secondMoment = Tensor(adam.secondMoment.elements, shape: [5])
    restored.step = adam.step
    for gradient in gradients.dropFirst(3) {
      update(&adam, whole, gradient)
      update(&restored, parameters, gradient)
    }
    #expect(whole.elements == parameters.elements)
    #expect(whole.elements != first.elements)
  }

  @Test func aParameterThatIsNoNumberIsReported() {
    let parameters = Tensor([1, 2], shape: [2])
    var adam = Adam(count: 2, settings: AdamSettings())
    for (gradient, isFinite) in [(1, true), (.nan, false)] as [(Float, Bool)] {
      [gradient, 1].withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        adam.update(parameters, gradients: values, gradientScale: 1, learningRate: 0.01)
      }
      #expect(adam.parametersAreFinite == isFinite)
    }
  }

  /// What an update says that it has changed is what it has changed.
  @Test(arguments: [1, 15, 16, 17, 1000])
  func theChangeIsMeasured(count: Int) {
    var random = CounterBasedRandom(test: 11)
    var adam = Adam(count: count, settings: AdamSettings(beta1: 0.5))
    let parameters = Tensor((0..<count).map { _ in random.uniform(-1, 1) }, shape: [count])
    #expect(adam.changeNorm(learningRate: 0.1) == 0)
    for _ in 1...3 {
      let before = parameters.elements
      let gradients = before.map { _ in random.uniform(-1, 1) }
      gradients.withUnsafeBufferPointer {
        guard let start = $0.baseAddress else { return }
        adam.update(parameters, gradients: start, gradientScale: 0.5, learningRate: 0.1)
      }
      let change = zip(before, parameters.elements)
        .reduce(0.0) { $0 + pow(Double($1.1) - Double($1.0), 2) }.squareRoot()
      #expect(abs(adam.changeNorm(learningRate: 0.1) - change) <= 1e-5 * change)
    }
  }
}
