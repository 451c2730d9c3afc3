import Autodiff
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// DMFN with noise.
@Suite struct NoiseNetworkTests {
  private func generator(noise: Int, width: Int = 4) -> Generator {
    Generator(
      GeneratorSettings(width: width, blocks: 2, noise: noise), initializer: Initializer(seed: 2))
  }

  private let images: Tensor = {
    var random = CounterBasedRandom(seed: 3, purpose: .test)
    return Tensor((0..<2 * 3 * 256).map { _ in random.uniform(-1, 1) }, shape: [2, 3, 16, 16])
  }()
  private let holes = Tensor(
    (0..<512).map { $0 % 16 < 8 && $0 % 256 < 128 ? 1 : 0 }, shape: [2, 1, 16, 16])

  private func vectors(_ seed: UInt64) -> Tensor {
    latentVectors(0..<2, count: 5, seed: seed, purpose: .test)
  }

  /// At first the vector changes no bit.
  @Test func itStartsAsIdentity() {
    let (plain, noisy) = (generator(noise: 0), generator(noise: 5))
    let names = noisy.parameters.map(\.name)
    #expect(names.prefix(plain.parameters.count) == plain.parameters.map(\.name)[...])
    #expect(
      names.suffix(8) == [
        "noise.0.weight", "noise.0.bias", "noise.2.weight", "noise.2.bias", "noise.heads.0.weight",
        "noise.heads.0.bias", "noise.heads.1.weight", "noise.heads.1.bias",
      ])
    let expected = plain.fill(images: images, holes: holes).composite.elements
    for noise in [nil, vectors(1)] {
      let filled = noisy.fill(images: images, holes: holes, noise: noise)
      #expect(filled.composite.elements == expected)
    }
    #expect(noisy.noiseCount == 5 && plain.noiseCount == 0)
  }

  /// With other heads each picture follows its own vector, in the hole alone.
  @Test func itTellsFillingsApart() {
    let generator = generator(noise: 5)
    var random = CounterBasedRandom(seed: 5, purpose: .test)
    for parameter in generator.parameters where parameter.name.hasPrefix("noise.heads") {
      parameter.setElements(parameter.value.elements.map { _ in random.uniform(-0.3, 0.3) })
    }
    let (one, two) = (
      generator.fill(images: images, holes: holes, noise: vectors(1)).composite.elements,
      generator.fill(images: images, holes: holes, noise: vectors(2)).composite.elements
    )
    let mask = holes.elements
    for index in one.indices {
      let isHole = mask[index / 768 * 256 + index % 256] == 1
      if !isHole { #expect(one[index] == two[index]) }
    }
    #expect(one != two)
    // The second picture's vector does not touch the first picture.
    let first = vectors(1).elements
    let mixed = Tensor(first.prefix(5) + vectors(2).elements.suffix(5), shape: [2, 5])
    let both = generator.fill(images: images, holes: holes, noise: mixed).composite.elements
    #expect(both.prefix(768) == one.prefix(768) && both.suffix(768) == two.suffix(768))
  }

  /// Heads of zeros have a gradient, so that they leave their start.
  @Test func theHeadsLearn() throws {
    let generator = generator(noise: 5)
    let (_, composite) = generator.composite(images: images, holes: holes, noise: vectors(1))
    let heads = generator.parameters.filter { $0.name.hasPrefix("noise.heads") }
    let loss = (composite * composite).sum()
    for gradient in gradients(of: loss, by: heads.map(\.variable)) {
      #expect(try #require(gradient).value.elements.contains { abs($0) > 1e-4 })
    }
  }

  @Test func theExportedFileHasAFurtherInput() throws {
    let model = try #require(
      ProtobufFields(generator(noise: 5).onnxModel(producerVersion: "1")))
    let graph = try #require(model.messages(7).first)
    #expect(graph.messages(11).flatMap { $0.texts(1) } == ["image", "mask", "noise"])
    let operators = graph.messages(1).flatMap { $0.texts(4) }
    #expect(operators.count { $0 == "Gemm" } == 4)
    #expect(operators.count { $0 == "Mul" } == 2)
  }
}
