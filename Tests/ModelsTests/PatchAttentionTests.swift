import Autodiff
import CKernels
import Interchange
import Kernels
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// The attention layer, whose features are compared and taken from at the same time.
@Suite struct PatchAttentionTests {
  static let rules = DeepFillConvention.allCases.map(\.attention)
  private static let size = (height: 6, width: 10)

  /// Two pictures with a hole in different places.
  private static let holes = Tensor(
    (0..<2 * 12 * 20).map { index in
      let (picture, row, column) = (index / 240, index % 240 / 20, index % 20)
      return row < 5 && (picture == 0 ? column < 6 : column > 13) ? 1 : 0
    }, shape: [2, 1, 12, 20])

  @Test(arguments: rules)
  func gradientsOfBothRoles(_ rules: PatchAttention) {
    let (height, width) = Self.size
    let valid = rules.validPatches(holes: Self.holes, mapHeight: height, mapWidth: width)
    var check = GradientCheck("patch attention")
    check.seeds = 6
    check.expectGradients(
      of: [
        .featureMaps([2, 3, height, width]) {
          ReferenceTensor.random($0, in: -0.05...0.05, using: &$1)
        }
      ],
      operation: { $0[0] + rules($0[0], holes: Self.holes) },
      reference: { inputs in
        let x = inputs[0]
        let rows = rules.sampling.indices(from: height, to: height / 2)
        let columns = rules.sampling.indices(from: width, to: width / 2)
        var match = ReferenceTensor(repeating: 0, shape: [2, 3, height / 2, width / 2])
        for n in 0..<2 {
          for c in 0..<3 {
            for h in rows.indices {
              for w in columns.indices { match[n, c, h, w] = x[n, c, rows[h], columns[w]] }
            }
          }
        }
        let rebuilt = x.rebuilt(
          matching: match, valid: valid.elements.map { Double($0) }, norm: rules.norm, scale: 10)
        return x.combined(with: rebuilt) { $0 + $1 }
      })
  }

  @Test func validPlacesAreThoseOfEachPicture() {
    let valid = Self.rules[0].validPatches(holes: Self.holes, mapHeight: 6, mapWidth: 10)
    #expect(valid.shape == [2, 15])
    #expect(valid.elements[..<15] == [0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1])
    #expect(valid.elements[15...] == [1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0])
  }

  // MARK: - In DMFN

  private func generator(attention: Bool) -> Generator {
    Generator(
      GeneratorSettings(width: 4, blocks: 1, attention: attention),
      initializer: Initializer(seed: 3))
  }

  private func filled(_ generator: Generator) -> (picture: Tensor, gradients: [Tensor]) {
    var random = CounterBasedRandom(test: 1)
    let images = ReferenceTensor.random([2, 3, 24, 40], using: &random).tensor()
    let holes = Tensor(
      (0..<2 * 24 * 40).map { $0 / 40 % 24 > 8 && $0 % 40 < 20 ? 1 : 0 }, shape: [2, 1, 24, 40])
    let output = generator.composite(images: images, holes: holes).composite
    let gradients = Autodiff.gradients(
      of: output.mean(), by: generator.parameters.map(\.variable))
    return (output.value, gradients.compactMap { $0?.value })
  }

  @Test func dmfnMayAttend() throws {
    let (plain, attending) = (generator(attention: false), generator(attention: true))
    #expect(attending.parameters.map(\.name) == plain.parameters.map(\.name))
    #expect(attending.sizeMultiple == 8 && plain.sizeMultiple == 4)
    #expect(attending.hasAttention && !plain.hasAttention)
    #expect(attending.exportedFacts.contains { $0.key == "model.attention" && $0.value == "true" })
    let result = filled(attending)
    #expect(result.picture.elements.allSatisfy { $0.isFinite })
    #expect(result.picture.elements != filled(plain).picture.elements)
    let same = zip(result.picture.elements, filled(attending).picture.elements)
    #expect(same.allSatisfy { $0.bitPattern == $1.bitPattern })
  }

  @Test func bitsOfDMFNDoNotDependOnThreads() {
    let threads = ckernels_thread_count()
    defer { ckernels_set_thread_count(threads) }
    let generator = generator(attention: true)
    func bits() -> [[UInt32]] {
      let (picture, gradients) = filled(generator)
      return ([picture] + gradients).map { $0.elements.map(\.bitPattern) }
    }
    ckernels_set_thread_count(1)
    let expected = bits()
    for count: Int32 in [2, 3] {
      ckernels_set_thread_count(count)
      #expect(bits() == expected, "\(count) threads")
    }
  }
}
