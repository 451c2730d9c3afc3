import Autodiff
import Foundation
import Layers
import Models
import TensorCore
import Testing

/// The golden numbers of docs/models/deepfill.md 9: weights, pictures and features are formulas.
@Suite struct DeepFillGoldenTests {
  /// Mean, unbiased deviation and some elements of one picture [1, C, H, W].
  private struct Numbers {
    let mean, deviation: Double
    let samples: [Double]

    init(_ mean: Double, _ deviation: Double, _ samples: [Double]) {
      (self.mean, self.deviation, self.samples) = (mean, deviation, samples)
    }

    init(of picture: Variable, at places: [(c: Int, y: Int, x: Int)]) {
      let values = picture.plain().value.elements.map { Double($0) }
      let (height, width) = (picture.shape[2], picture.shape[3])
      mean = values.reduce(0, +) / Double(values.count)
      let mean = mean
      deviation =
        (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
      samples = places.map { values[($0.c * height + $0.y) * width + $0.x] }
    }

    func distance(to other: Numbers) -> Double {
      zip([mean, deviation] + samples, [other.mean, other.deviation] + other.samples)
        .map { abs($0 - $1) }.max() ?? 0
    }
  }

  private static let coarse: [DeepFillConvention: Numbers] = [
    .torch: Numbers(-0.037916, 0.072005, [-0.00124, -0.09892, 0.02036, -0.00171, -0.05597]),
    .tf: Numbers(-0.037480, 0.072047, [-0.00186, -0.09239, 0.00751, -0.03789, -0.03535]),
  ]
  private static let refined: [DeepFillConvention: Numbers] = [
    .torch: Numbers(-0.186518, 0.152904, [-0.02478, -0.00164, 0.00354, -0.17496, -0.13359]),
    .tf: Numbers(-0.195117, 0.153320, [-0.03082, -0.04571, 0.01637, -0.16106, -0.14079]),
  ]
  private static let attention: [DeepFillConvention: Numbers] = [
    .torch: Numbers(0.0515639, 0.0243307, [0.015092, 0.052789, 0.074776, 0.010833]),
    .tf: Numbers(0.0520038, 0.0229226, [0.014748, 0.073755, 0.061494, 0.011208]),
  ]

  private func picture(_ c: Int, _ h: Int, _ w: Int, _ value: (Double, Double, Double) -> Double)
    -> Tensor
  {
    Tensor(
      (0..<c * h * w).map { index in
        Float(value(Double(index / (h * w)), Double(index / w % h), Double(index % w)))
      }, shape: [1, c, h, w])
  }

  private func hole(side: Int, rows: Range<Int>, columns: Range<Int>) -> Tensor {
    picture(1, side, side) { _, y, x in
      rows.contains(Int(y)) && columns.contains(Int(x)) ? 1 : 0
    }
  }

  @Test(arguments: DeepFillConvention.allCases)
  func generator(_ convention: DeepFillConvention) throws {
    let generator = DeepFillGenerator(
      DeepFillGeneratorSettings(convention: convention), initializer: Initializer(seed: 0))
    #expect(generator.parameterCount == 3_601_542)
    #expect(generator.parameters.count == 84)
    let weights = generator.parameters.filter { $0.name.hasSuffix("weight") }
    for (number, weight) in weights.enumerated() {
      let fanIn = weight.shape.elementCount / weight.shape[0]
      weight.setElements(
        (0..<weight.shape.elementCount).map { index in
          let v = sin(12.9898 * Double(index) + 78.233 * Double(number)) * 43758.5453
          return Float((2 * (v - v.rounded(.down)) - 1) * (3 / Double(fanIn)).squareRoot())
        })
    }
    let image = picture(3, 256, 256) { c, y, x in
      0.5 * sin(0.05 * (c + 1) * y) + 0.5 * cos(0.03 * (c + 2) * x)
    }
    let holes = hole(side: 256, rows: 64..<192, columns: 64..<192)
    let output = Recording.off { generator(images: image, holes: holes) }
    let places = [(0, 0, 0), (1, 128, 128), (2, 255, 255), (0, 100, 60), (1, 64, 64)]
    for (found, expected) in [(output.coarse, Self.coarse), (output.refined, Self.refined)] {
      let numbers = try #require(expected[convention])
      #expect(Numbers(of: found, at: places).distance(to: numbers) < 1e-5)
    }
    // Known pixels are the picture's own.
    let (values, known) = (output.composite.value.elements, image.elements)
    #expect(values[0] == known[0] && values[3 * 256 * 256 - 1] == known[3 * 256 * 256 - 1])
    #expect(values[64 * 256 + 64] == output.refined.plain().value.elements[64 * 256 + 64])
  }

  @Test(arguments: DeepFillConvention.allCases)
  func attention(_ convention: DeepFillConvention) throws {
    let features = picture(4, 16, 16) { c, y, x in
      0.06 * (1 + sin(0.9 * (c + 1) * y + 0.4 * x) * cos(0.5 * (c + 2) * x))
    }
    let holes = hole(side: 64, rows: 16..<40, columns: 24..<48)
    let rules = convention.attention
    let valid = rules.validPatches(holes: holes, mapHeight: 16, mapWidth: 16)
    #expect(valid.elements.reduce(0, +) == 39)
    let output = rules(Variable(features), holes: holes)
    let places = [(0, 0, 0), (1, 7, 9), (2, 8, 8), (3, 15, 15)]
    #expect(
      Numbers(of: output, at: places).distance(to: try #require(Self.attention[convention])) < 1e-6)
  }

  @Test func sizes() {
    func critics(_ convention: DeepFillConvention) -> DeepFillCritics {
      DeepFillCritics(convention: convention, initializer: Initializer(seed: 0))
    }
    #expect(critics(.tf).local.parameterCount == 4_339_329)
    #expect(critics(.tf).global.parameterCount == 2_733_441)
    #expect(critics(.torch).local.parameterCount == 2_684_289)
    #expect(critics(.torch).parameterCount == 5_417_730)
    #expect(critics(.torch).parameters.first?.name == "localD.dis_conv_module.conv1.conv.weight")
    #expect(critics(.torch).parameters.last?.name == "globalD.linear.bias")
  }

  /// Where nothing is hidden every place looks at itself, and weights add up to 1.
  @Test func placesOfAWholePicture() async throws {
    var random = CounterBasedRandom(seed: 3, purpose: .test)
    let features = Tensor(
      (0..<2 * 8 * 8 * 12).map { _ in random.uniform(-1, 1) }, shape: [2, 8, 8, 12])
    try await confirmation { received in
      let output = DeepFillConvention.torch.attention(
        Variable(features), holes: Tensor(repeating: 0, shape: [2, 1, 32, 48])
      ) { attended in
        #expect(attended.height == 4 && attended.width == 6)
        #expect(attended.places == (0..<48).map { Int32($0 % 24) })
        received()
      }
      try #require(output.shape == [2, 8, 8, 12])
    }
  }
}
