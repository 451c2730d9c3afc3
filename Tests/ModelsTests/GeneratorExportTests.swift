import Interchange
import Layers
import Models
import TensorCore
import TestSupport
import Testing

/// The structure of an exported generator, read back without another program.
@Suite struct GeneratorExportTests {
  private static let kinds: [(block: FusionBlockKind, width: Int, blocks: Int)] = [
    (.paper, 4, 1), (.paper, 2, 3), (.released, 4, 1), (.released, 2, 3), (.released, 1, 0),
  ]

  private func graph(of generator: some ExportableGenerator) throws -> (
    model: ProtobufFields, graph: ProtobufFields
  ) {
    let model = try #require(ProtobufFields(generator.onnxModel(producerVersion: "1.2")))
    return (model, try #require(model.messages(7).first))
  }

  @Test(arguments: kinds)
  func isAWholeModel(block: FusionBlockKind, width: Int, blocks: Int) throws {
    let generator = Generator(
      GeneratorSettings(width: width, blocks: blocks, block: block),
      initializer: Initializer(seed: 3))
    let (model, graph) = try graph(of: generator)
    #expect(model.integers(1) == [8])
    #expect(model.messages(8).flatMap { $0.integers(2) } == [17])
    #expect(model.texts(3) == ["1.2"])
    let facts = model.messages(14).map { $0.texts(1) + $0.texts(2) }
    #expect(facts.contains(["model.block", block.rawValue]))
    #expect(facts.contains(["model.width", "\(width)"]))

    #expect(graph.messages(11).flatMap { $0.texts(1) } == ["image", "mask"])
    #expect(graph.messages(12).flatMap { $0.texts(1) } == ["filled"])
    for (value, channels) in zip(graph.messages(11) + graph.messages(12), [3, 1, 3]) {
      let shape = try #require(value.messages(2).first?.messages(1).first?.messages(2).first)
      let extents = shape.messages(1)
      #expect(extents.map { $0.integers(1) } == [[], [channels], [], []])
      #expect(extents.flatMap { $0.texts(2) } == ["batch", "height", "width"])
    }
    #expect(Self.firstUndefined(in: graph, without: nil) == nil)
    let names =
      graph.messages(1).flatMap { $0.texts(2) } + graph.messages(5).flatMap { $0.texts(8) }
    #expect(Set(names).count == names.count, "every value has a name of its own")
  }

  /// DeepFill in both conventions, and DMFN with attention: complete, with every parameter.
  @Test func generatorsWithAttentionAreWholeModels() throws {
    let generators: [any InpaintingGenerator] =
      DeepFillConvention.allCases.map {
        DeepFillGenerator(
          DeepFillGeneratorSettings(width: 2, convention: $0), initializer: Initializer(seed: 3))
      } + [
        Generator(
          GeneratorSettings(width: 2, blocks: 1, block: .released, attention: true),
          initializer: Initializer(seed: 3))
      ]
    for generator in generators {
      let (model, graph) = try graph(of: generator)
      #expect(Self.firstUndefined(in: graph, without: nil) == nil)
      let constants = graph.messages(5).flatMap { $0.texts(8) }
      let names = graph.messages(1).flatMap { $0.texts(2) } + constants
      #expect(Set(names).count == names.count, "every value has a name of its own")
      let weights = generator.parameters.map(\.name).filter { $0.hasSuffix("weight") }
      #expect(Set(weights).isSubset(of: constants))
      let facts = model.messages(14).map { $0.texts(1) + $0.texts(2) }
      #expect(facts == generator.exportedFacts.map { [$0.key, $0.value] })
    }
  }

  /// Interpolating decoders and the membrane: complete graphs, and files say what they hold.
  @Test(arguments: UpsamplingKind.allCases, CompositeKind.allCases)
  func upsamplingAndMembraneAreWholeModels(
    upsampling: UpsamplingKind, composite: CompositeKind
  ) throws {
    var generator = Generator(
      GeneratorSettings(width: 2, blocks: 1, upsampling: upsampling),
      initializer: Initializer(seed: 3))
    generator.compositeKind = composite
    let (model, graph) = try graph(of: generator)
    #expect(Self.firstUndefined(in: graph, without: nil) == nil)
    let names =
      graph.messages(1).flatMap { $0.texts(2) } + graph.messages(5).flatMap { $0.texts(8) }
    #expect(Set(names).count == names.count, "every value has a name of its own")
    let facts = model.messages(14).map { $0.texts(1) + $0.texts(2) }
    #expect(facts.contains(["model.upsampling", upsampling.rawValue]))
    #expect(facts.contains(["model.composite", composite.rawValue]))
    let operators = Set(graph.messages(1).flatMap { $0.texts(4) })
    #expect(operators.contains("Resize") == (upsampling != .transposed))
    #expect(operators.contains("ReduceSum") == (composite == .membrane))
  }

  /// TensorFlow's padding is asymmetric where it halves.
  @Test func asymmetricPaddingIsWritten() throws {
    let (_, graph) = try graph(
      of: DeepFillGenerator(
        DeepFillGeneratorSettings(width: 2, convention: .tf), initializer: Initializer(seed: 3)))
    let layer = graph.messages(1).first {
      $0.texts(3) == ["coarse_generator.conv2_downsample.conv"]
    }
    let pads = layer?.messages(5).first { $0.texts(1) == ["pads"] }?.integers(8)
    #expect(pads == [0, 0, 1, 1])
  }

  /// The check above notices an operator that is not there.
  @Test func aMissingOperatorIsNoticed() throws {
    let (_, graph) = try graph(
      of: Generator(GeneratorSettings(width: 2, blocks: 1), initializer: Initializer(seed: 3)))
    for index in graph.messages(1).indices.dropLast() {
      #expect(Self.firstUndefined(in: graph, without: index) != nil, "operator \(index)")
    }
  }

  /// Names, shapes and bits are those of the parameters; a bias that a norm removes is left out.
  @Test(arguments: kinds)
  func weightsAreTheParameters(block: FusionBlockKind, width: Int, blocks: Int) throws {
    let generator = Generator(
      GeneratorSettings(width: width, blocks: blocks, block: block),
      initializer: Initializer(seed: 4))
    let (_, graph) = try graph(of: generator)
    let constants = Dictionary(
      graph.messages(5).map { ($0.texts(8).first ?? "", $0) }, uniquingKeysWith: { a, _ in a })
    for parameter in generator.parameters {
      guard let tensor = constants[parameter.name] else {
        #expect(parameter.name.hasSuffix(".bias"), "\(parameter.name) is missing")
        continue
      }
      #expect(tensor.integers(1) == parameter.shape.dimensions)
      #expect(tensor.integers(2) == [1])
      let bytes = parameter.value.elements.prefix(parameter.shape.elementCount).flatMap { element in
        withUnsafeBytes(of: element.bitPattern.littleEndian) { Array($0) }
      }
      #expect(tensor.bytes(9) == [bytes], "\(parameter.name)")
    }
    let biases = constants.keys.filter { $0.hasSuffix(".bias") && !$0.contains("norm") }
    // The first and the last layer, and K_2 to K_4 of the paper or the branches of the released form.
    #expect(biases.count == 2 + blocks * (block == .paper ? 3 : 4))
  }

  @Test func dilationsAndStridesAreWritten() throws {
    let (_, graph) = try graph(
      of: Generator(GeneratorSettings(width: 2, blocks: 1), initializer: Initializer(seed: 3)))
    let layers = graph.messages(1).filter { $0.texts(4) == ["Conv"] }
    func setting(_ name: String, of layer: String) -> [Int]? {
      layers.first { $0.texts(3) == [layer] }?.messages(5).first { $0.texts(1) == [name] }?
        .integers(8)
    }
    #expect(setting("dilations", of: "blocks.0.d4") == [8, 8])
    #expect(setting("pads", of: "blocks.0.d4") == [8, 8, 8, 8])
    #expect(setting("strides", of: "encoder.1.conv") == [2, 2])
    #expect(setting("pads", of: "encoder.0.conv") == [2, 2, 2, 2])
  }

  /// The first value that is used before it is computed; nil where there is none.
  private static func firstUndefined(in graph: ProtobufFields, without index: Int?) -> String? {
    var defined = Set(graph.messages(11).flatMap { $0.texts(1) })
    defined.formUnion(graph.messages(5).flatMap { $0.texts(8) })
    for (number, node) in graph.messages(1).enumerated() where number != index {
      if let missing = node.texts(1).first(where: { !defined.contains($0) }) { return missing }
      defined.formUnion(node.texts(2))
    }
    return graph.messages(12).flatMap { $0.texts(1) }.first { !defined.contains($0) }
  }
}
