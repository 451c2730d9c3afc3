import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Contextual attention kernels")
struct ContextualAttentionTests {
  /// Two pictures with several bands of places; every seventh place may not be taken from.
  private struct Pictures {
    let match: Tensor
    let source: Tensor
    let upstream: Tensor
    let attention: ContextualAttention

    init(layout: Layout = .native) {
      var random = CounterBasedRandom(test: 1)
      func maps(_ shape: [Int]) -> Tensor {
        ReferenceTensor.random(shape, in: -0.2...0.2, using: &random).tensor(layout: layout)
      }
      match = maps([2, 20, 20, 11])
      source = maps([2, 20, 40, 22])
      upstream = maps([2, 20, 40, 22])
      attention = ContextualAttention(
        valid: Tensor((0..<440).map { $0 % 7 == 3 ? 0 : 1 }, shape: [2, 220]), norm: .offset)
    }

    func results(keeps: Bool = true) -> [Tensor] {
      let (output, kept) = attention.rebuilt(match: match, source: source, keeps: keeps)
      let gradients = attention.gradients(
        match: match, source: source, outputGradient: upstream, kept: kept, needs: (true, true))
      return [output] + [gradients.match, gradients.source].compactMap { $0 }
    }
  }

  private func bits(_ tensors: [Tensor]) -> [[UInt32]] {
    tensors.map { $0.converted(to: .plain).elements.map(\.bitPattern) }
  }

  @Test func bitsDoNotDependOnThreads() {
    let threads = ckernels_thread_count()
    defer { ckernels_set_thread_count(threads) }
    let pictures = Pictures()
    let expected = bits(pictures.results())
    #expect(expected.count == 3)
    for count: Int32 in [1, 2, 3, 5] {
      ckernels_set_thread_count(count)
      #expect(bits(pictures.results()) == expected, "\(count) threads")
    }
  }

  @Test func weightsMayBeComputedAgain() {
    let pictures = Pictures()
    #expect(bits(pictures.results(keeps: false)) == bits(pictures.results(keeps: true)))
  }

  @Test func layoutsAreEqual() {
    let expected = bits(Pictures(layout: .plain).results())
    for layout in [Layout.blocked(8), .blocked(16)] {
      #expect(bits(Pictures(layout: layout).results()) == expected)
    }
  }

  /// Pictures of a batch have nothing to do with each other.
  @Test func placesOfTheLargestWeights() {
    let pictures = Pictures()
    var attended: [Int32] = []
    _ = pictures.attention.rebuilt(match: pictures.match, source: pictures.source, keeps: false) {
      attended = $0
    }
    #expect(attended.count == 440)
    #expect(attended.allSatisfy { (0..<220).contains($0) })
    for (index, place) in attended.enumerated() {
      #expect((index / 220 * 220 + Int(place)) % 7 != 3, "an invalid place")
    }
    // Features are random, so that a place that may be taken from is most like itself.
    let own = attended.indices.filter { $0 % 7 != 3 && Int(attended[$0]) == $0 % 220 }
    #expect(own.count > 300)
  }
}
