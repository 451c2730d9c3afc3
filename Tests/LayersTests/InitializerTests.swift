import Layers
import TensorCore
import Testing

@Suite("First values of parameters")
struct InitializerTests {
  private func moments(_ tensor: Tensor) -> (mean: Double, deviation: Double) {
    let values = tensor.elements.map { Double($0) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, variance.squareRoot())
  }

  @Test func valuesDependOnSeedAndNameAlone() {
    let initializer = Initializer(seed: 1)
    let first = initializer.normal("a", shape: [7], deviation: 1).elements
    _ = initializer.uniform("b", shape: [100], fanIn: 4)
    #expect(initializer.normal("a", shape: [7], deviation: 1).elements == first)
    #expect(Initializer(seed: 1).normal("a", shape: [7], deviation: 1).elements == first)
    #expect(initializer.normal("b", shape: [7], deviation: 1).elements != first)
    #expect(Initializer(seed: 2).normal("a", shape: [7], deviation: 1).elements != first)
    // A larger tensor begins with the values of a smaller one: nothing but the count differs.
    #expect(initializer.normal("a", shape: [3, 4], deviation: 1).elements.prefix(7) == first[...])
  }

  @Test func normalHasItsMoments() {
    let tensor = Initializer(seed: 4).normal("w", shape: [40_000], mean: 2, deviation: 0.5)
    let (mean, deviation) = moments(tensor)
    // Four standard errors.
    #expect(abs(mean - 2) < 4 * 0.5 / 200)
    #expect(abs(deviation - 0.5) < 4 * 0.5 / 283)
    let far = tensor.elements.count { abs($0 - 2) > 1 }
    #expect((1500...2150).contains(far), "\(far) of 40,000 beyond two deviations, of 1820")
  }

  @Test func uniformFillsItsBounds() {
    let initializer = Initializer(seed: 4)
    let pytorch = initializer.uniform("w", shape: [20_000], fanIn: 16)
    let tensorFlow = initializer.glorotUniform("w", shape: [20, 10, 10, 10])
    for (tensor, bound) in [
      (pytorch, 0.25), (tensorFlow, (6 / (30 * 100.0)).squareRoot()),
    ] {
      #expect(tensor.elements.allSatisfy { abs(Double($0)) <= bound })
      #expect(Double(tensor.elements.max() ?? 0) > 0.999 * bound)
      let (mean, deviation) = moments(tensor)
      #expect(abs(mean) < 4 * bound / 3.0.squareRoot() / 141)
      #expect(abs(deviation / (bound / 3.0.squareRoot()) - 1) < 0.02)
    }
  }

  @Test func noneDrawsNothing() {
    #expect(Initializer.none.normal("w", shape: [3], mean: 1, deviation: 1).elements == [0, 0, 0])
    #expect(Initializer.none.uniform("w", shape: [2], fanIn: 1).elements == [0, 0])
  }
}
