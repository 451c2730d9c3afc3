import Autodiff
import Losses
import TensorCore
import TestSupport
import Testing

/// What the losses of DeepFill and its critics must satisfy whatever the numbers.
@Suite struct CriticLossesTests {
  private func random(_ shape: Shape, sample: Int) -> Tensor {
    var generator = CounterBasedRandom(seed: 7, purpose: .test, sample: sample)
    return Tensor((0..<shape.elementCount).map { _ in generator.uniform(-1, 1) }, shape: shape)
  }

  /// A hole in the upper left quarter of each picture but the last, which has none.
  private func holes(_ count: Int, side: Int) -> Tensor {
    Tensor(
      (0..<count * side * side).map { index in
        let (picture, row, column) = (
          index / (side * side), index / side % side, index % side
        )
        return picture < count - 1 && row < side / 2 && column < side / 2 ? 1 : 0
      }, shape: [count, 1, side, side])
  }

  @Test func theDiscountMapHasThePublishedNumbers() {
    let map = discountMap(height: 128, width: 128, discount: 0.9).elements.map(Double.init)
    #expect(abs(map.reduce(0, +) / Double(map.count) - 0.2529205) < 1e-7)
    #expect(abs(map[64 * 128 + 64] - 0.001179) < 1e-6)
    #expect(map[0] == 1 && map[64] == 1 && map[64 * 128] == 1)
    #expect(Float(map[127 * 128 + 64]) == 0.9 && Float(map[64 * 128 + 127]) == 0.9)
    let milder = discountMap(height: 128, width: 128, discount: 0.99).elements.map(Double.init)
    #expect(abs(milder.reduce(0, +) / Double(milder.count) - 0.8160868) < 1e-6)
    #expect(discountMap(height: 3, width: 5, discount: 1).elements.allSatisfy { $0 == 1 })
  }

  @Test func withoutDiscountItIsTheMeanError() {
    let (output, target) = (random([2, 3, 8, 6], sample: 0), random([2, 3, 8, 6], sample: 1))
    let mean =
      zip(output.elements, target.elements).reduce(0) { $0 + abs(Double($1.0 - $1.1)) }
      / Double(output.elements.count)
    let loss = discountedL1(Variable(output), target: target, discount: 1)
    #expect(abs(Double(loss.value.scalar) - mean) < 1e-6)
  }

  @Test func knownPixelsAloneCount() {
    let (output, target) = (random([3, 3, 8, 8], sample: 2), random([3, 3, 8, 8], sample: 3))
    let holes = holes(3, side: 8)
    func loss(_ output: Tensor, _ divisor: KnownL1Divisor = .knownPixels) -> Double {
      Double(knownL1(Variable(output), target: target, holes: holes, divisor: divisor).value.scalar)
    }
    let pictures = (0..<3).map { picture in
      (0..<192).reduce(0.0) { sum, index in
        let isKnown = holes.elements[picture * 64 + index % 64] == 0
        let place = picture * 192 + index
        return isKnown
          ? sum + abs(Double(output.elements[place] - target.elements[place])) : sum
      }
    }
    let ownDivisors = pictures[0] / 144 + pictures[1] / 144 + pictures[2] / 192
    #expect(abs(loss(output) - ownDivisors / 3) < 1e-6)
    #expect(abs(loss(output, .allPixels) - pictures.reduce(0, +) / 576) < 1e-6)
    let otherHoles = Tensor.withOtherHoles(output, holes)
    #expect(loss(otherHoles) == loss(output))
    let allMissing = Tensor(repeating: 1, shape: [3, 1, 8, 8])
    #expect(
      knownL1(Variable(output), target: target, holes: allMissing).value.scalar == 0)
  }

  /// For a linear critic the slope is its weights, whatever the pictures.
  @Test func thePenaltyOfALinearCriticIsKnown() throws {
    let weights = random([1, 3, 4, 4], sample: 4)
    let holes = holes(2, side: 4)
    let leaf = Variable.leaf(weights)
    func penalty(_ holes: Tensor?) -> Variable {
      gradientPenalty(
        real: random([2, 3, 4, 4], sample: 5), fake: random([2, 3, 4, 4], sample: 6),
        positions: [0.25, 0.75], holes: holes
      ) { ($0 * leaf.repeated(to: $0.shape)).reshaped(to: [2, 48]).summed(along: 1) }
    }
    func norm(_ isCounted: (Int) -> Bool) -> Double {
      weights.elements.enumerated().reduce(0.0) {
        isCounted($1.offset % 16) ? $0 + Double($1.element) * Double($1.element) : $0
      }.squareRoot()
    }
    func square(_ x: Double) -> Double { (x - 1) * (x - 1) }
    let (whole, hole) = (norm { _ in true }, norm { holes.elements[$0] == 1 })
    #expect(abs(Double(penalty(nil).value.scalar) - square(whole)) < 1e-5)
    // The second picture has no hole, so that nothing of its slope counts.
    let masked = penalty(holes)
    #expect(abs(Double(masked.value.scalar) - (square(hole) + 1) / 2) < 1e-5)
    let gradient = try #require(gradients(of: masked, by: [leaf])[0]).value.elements
    for (index, value) in gradient.enumerated() {
      let expected =
        holes.elements[index % 16] == 1
        ? (hole - 1) / hole * Double(weights.elements[index]) : 0
      #expect(abs(Double(value) - expected) < 1e-5)
    }
  }

  /// Where a critic has no slope, the root's derivative stays finite.
  @Test func aCriticWithoutSlopeIsPunishedWithoutHarm() throws {
    let weights = Variable.leaf(Tensor(repeating: 0, shape: [1, 3, 4, 4]))
    let penalty = gradientPenalty(
      real: random([2, 3, 4, 4], sample: 5), fake: random([2, 3, 4, 4], sample: 6),
      positions: [0, 0.5], holes: nil
    ) { ($0 * weights.repeated(to: $0.shape)).reshaped(to: [2, 48]).summed(along: 1) }
    #expect(abs(penalty.value.scalar - 1) < 1e-5)
    let gradient = try #require(gradients(of: penalty, by: [weights])[0]).value
    #expect(gradient.elements.allSatisfy { $0.isFinite })
  }

  @Test func theWassersteinLossIsTheDifferenceOfMeans() throws {
    let real = Variable.leaf(Tensor([1, 2, 6], shape: [3, 1]))
    let fake = Variable.leaf(Tensor([10, 20, 40], shape: [3, 1]))
    let loss = wassersteinLoss(real: real, fake: fake)
    #expect(abs(Double(loss.value.scalar) - 61.0 / 3) < 1e-5)
    for (gradient, sign) in zip(gradients(of: loss, by: [real, fake]), [Float(-1), 1]) {
      let values = try #require(gradient).value.elements
      #expect(values.allSatisfy { abs($0 - sign / 3) < 1e-6 })
    }
  }
}

extension Tensor {
  /// The same tensor with other numbers in its holes.
  fileprivate static func withOtherHoles(_ tensor: Tensor, _ holes: Tensor) -> Tensor {
    let pixels = holes.shape[2] * holes.shape[3]
    let channels = tensor.shape[1]
    return Tensor(
      tensor.elements.enumerated().map { index, value in
        let picture = index / (channels * pixels)
        return holes.elements[picture * pixels + index % pixels] == 1 ? 7 - value : value
      }, shape: tensor.shape)
  }
}
