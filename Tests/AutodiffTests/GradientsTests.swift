import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Gradients")
struct GradientsTests {
  private func leaf(_ elements: Float...) -> Variable {
    .leaf(Tensor(elements, shape: [elements.count]))
  }

  private func constant(_ elements: Float...) -> Variable {
    Variable(Tensor(elements, shape: [elements.count]))
  }

  @Test func aSharedSubgraphIsVisitedOnceWithItsWholeGradient() {
    let log = ProbeLog()
    let x = leaf(2)
    let shared = Probe.apply("shared", log, x * x)
    let output = (shared + shared * shared).sum()
    // d/dx (x^2 + x^4) = 2x + 4x^3
    #expect(gradients(of: output, by: [x])[0]?.value.elements == [36])
    #expect(log.all == ["shared1"])
  }

  @Test func accumulationDoesNotTouchAliasedGradients() {
    let (a, b) = (leaf(1, 2), leaf(3, 4))
    let seed = constant(10, 20)
    let sum = a + a
    // The gradients of a, b and both sums start as one buffer.
    let output = (sum + b) + sum + a
    let results = gradients(of: [(output, seed)], by: [a, b, sum])
    #expect(results[0]?.value.elements == [50, 100])
    #expect(results[1]?.value.elements == [10, 20])
    #expect(results[2]?.value.elements == [20, 40])
    #expect(seed.value.elements == [10, 20])
  }

  @Test func gradientsAreHandedOutInParts() {
    let (a, b) = (leaf(1), leaf(1))
    var handedOut: [Int: [[Float]]] = [:]
    let output = (a + b) + (a + a)
    handOutGradients(of: [(output, constant(2))], by: [a, b]) { target, parts in
      handedOut[target] = parts.map(\.elements)
    }
    #expect(handedOut == [0: [[2], [2], [2]], 1: [[2]]])
  }

  @Test func whatLeadsToNoTargetIsNotComputed() {
    let log = ProbeLog()
    let (a, b) = (leaf(1), leaf(2))
    let left = Probe.apply("left", log, a, constant(5))
    let right = Probe.apply("right", log, b)
    let top = Probe.apply("top", log, left, right)
    #expect(gradients(of: top, by: [a], keepsGraph: true)[0]?.value.elements == [1])
    #expect(log.all == ["top10", "left10"])
    #expect(gradients(of: top, by: [right])[0]?.value.elements == [1])
    #expect(log.all.dropFirst(2) == ["top01"])
  }

  @Test func aKeptGraphServesSeveralPasses() {
    let (a, b) = (leaf(2), leaf(3))
    let product = (a * b).sum()
    #expect(gradients(of: product, by: [a], keepsGraph: true)[0]?.value.elements == [3])
    #expect(gradients(of: product, by: [b], keepsGraph: true)[0]?.value.elements == [2])
    let both = gradients(of: product, by: [a, b])
    #expect(both.map { $0?.value.elements } == [[3], [2]])
  }

  @Test func aTargetMayBeAnIntermediateValueOrTheOutputItself() {
    let x = leaf(3)
    let square = x * x
    let output = (square * 2).sum()
    let results = gradients(of: output, by: [output, square, x, square])
    #expect(results.map { $0?.value.elements } == [[1], [2], [12], [2]])
  }

  @Test func anUnrelatedTargetHasNoGradient() {
    let (x, other) = (leaf(1), leaf(1))
    let results = gradients(of: (x * 2).sum(), by: [other, constant(1), x])
    #expect(results[0] == nil)
    #expect(results[1] == nil)
    #expect(results[2]?.value.elements == [2])
  }

  @Test func severalOutputsAddTheirGradients() {
    let x = leaf(2, 3)
    let (square, double) = (x * x, x * 2)
    let results = gradients(
      of: [(square, constant(1, 10)), (double, constant(100, 1000)), (double, constant(1, 1))],
      by: [x])
    #expect(results[0]?.value.elements == [4 + 202, 60 + 2002])
  }

  @Test func eachTargetIsReportedOnceAsSoonAsItsGradientIsComplete() {
    let log = ProbeLog()
    let parameters = (0..<4).map { _ in leaf(1) }
    // Parameter 0 is used in the first and in the last layer.
    var value = constant(2)
    for layer in 0..<4 { value = Probe.apply("layer\(layer) ", log, parameters[layer], value) }
    value = Probe.apply("last ", log, value, parameters[0])
    handOutGradients(of: [(value, nil)], by: parameters) { target, parts in
      log.add("parameter \(target): \(parts.flatMap(\.elements))")
    }
    #expect(
      log.all == [
        "last 11", "layer3 11", "parameter 3: [1.0]", "layer2 11", "parameter 2: [1.0]",
        "layer1 11", "parameter 1: [1.0]", "layer0 10", "parameter 0: [1.0, 1.0]",
      ])
  }

  @Test func targetsThatAreNotReachedAreReportedFirst() {
    let log = ProbeLog()
    let (x, other) = (leaf(1), leaf(1))
    handOutGradients(of: [(Probe.apply("top ", log, x), nil)], by: [x, other]) { target, parts in
      log.add("target \(target): \(parts.flatMap(\.elements))")
    }
    #expect(log.all == ["target 1: []", "top 1", "target 0: [1.0]"])
  }

  @Test func nothingIsRecordedWhenRecordingIsOff() {
    let x = leaf(1)
    let output = Recording.off { x * x }
    #expect(!output.requiresGradient)
    #expect((x * x).requiresGradient)
    #expect(!(constant(1) * constant(2)).requiresGradient)
    #expect(!(x.detached * x.detached).requiresGradient)
  }

  @Test func gradientsAreConstantsUnlessTheirGraphIsRecorded() {
    let x = leaf(2)
    let cube = (x * x * x).sum()
    let plain = gradients(of: cube, by: [x], keepsGraph: true)[0]
    #expect(plain?.requiresGradient == false)
    let recorded = gradients(of: cube, by: [x], keepsGraph: true, recordsGraph: true)[0]
    #expect(recorded?.value.elements == [12])
    guard let recorded else { return }
    let second = gradients(of: recorded.sum(), by: [x], keepsGraph: true, recordsGraph: true)[0]
    #expect(second?.value.elements == [12])
    guard let second else { return }
    #expect(gradients(of: second.sum(), by: [x])[0]?.value.elements == [6])
  }
}
