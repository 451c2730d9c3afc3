import TensorCore

extension InceptionFeatures {
  /// A convolution with its batch normalisation.
  struct Layer {
    let name: String
    /// [O, I, kH, kW].
    let shape: Shape
  }

  /// All convolutions, by the names of the published weights.
  static let plan: [Layer] =
    [
      layer("Conv2d_1a_3x3", 3, 32, 3, 3), layer("Conv2d_2a_3x3", 32, 32, 3, 3),
      layer("Conv2d_2b_3x3", 32, 64, 3, 3), layer("Conv2d_3b_1x1", 64, 80, 1, 1),
      layer("Conv2d_4a_3x3", 80, 192, 3, 3),
    ] + planA("Mixed_5b", 192, pool: 32) + planA("Mixed_5c", 256, pool: 64)
    + planA("Mixed_5d", 288, pool: 64) + [
      layer("Mixed_6a.branch3x3", 288, 384, 3, 3), layer("Mixed_6a.branch3x3dbl_1", 288, 64, 1, 1),
      layer("Mixed_6a.branch3x3dbl_2", 64, 96, 3, 3),
      layer("Mixed_6a.branch3x3dbl_3", 96, 96, 3, 3),
    ] + planC("Mixed_6b", 128) + planC("Mixed_6c", 160) + planC("Mixed_6d", 160)
    + planC("Mixed_6e", 192) + [
      layer("Mixed_7a.branch3x3_1", 768, 192, 1, 1), layer("Mixed_7a.branch3x3_2", 192, 320, 3, 3),
      layer("Mixed_7a.branch7x7x3_1", 768, 192, 1, 1),
      layer("Mixed_7a.branch7x7x3_2", 192, 192, 1, 7),
      layer("Mixed_7a.branch7x7x3_3", 192, 192, 7, 1),
      layer("Mixed_7a.branch7x7x3_4", 192, 192, 3, 3),
    ] + planE("Mixed_7b", 1280) + planE("Mixed_7c", 2048)

  private static func layer(
    _ name: String, _ input: Int, _ output: Int, _ rows: Int, _ columns: Int
  ) -> Layer {
    Layer(name: name, shape: [output, input, rows, columns])
  }

  private static func planA(_ name: String, _ input: Int, pool: Int) -> [Layer] {
    [
      layer("\(name).branch1x1", input, 64, 1, 1), layer("\(name).branch5x5_1", input, 48, 1, 1),
      layer("\(name).branch5x5_2", 48, 64, 5, 5),
      layer("\(name).branch3x3dbl_1", input, 64, 1, 1),
      layer("\(name).branch3x3dbl_2", 64, 96, 3, 3), layer("\(name).branch3x3dbl_3", 96, 96, 3, 3),
      layer("\(name).branch_pool", input, pool, 1, 1),
    ]
  }

  private static func planC(_ name: String, _ middle: Int) -> [Layer] {
    [
      layer("\(name).branch1x1", 768, 192, 1, 1), layer("\(name).branch7x7_1", 768, middle, 1, 1),
      layer("\(name).branch7x7_2", middle, middle, 1, 7),
      layer("\(name).branch7x7_3", middle, 192, 7, 1),
      layer("\(name).branch7x7dbl_1", 768, middle, 1, 1),
      layer("\(name).branch7x7dbl_2", middle, middle, 7, 1),
      layer("\(name).branch7x7dbl_3", middle, middle, 1, 7),
      layer("\(name).branch7x7dbl_4", middle, middle, 7, 1),
      layer("\(name).branch7x7dbl_5", middle, 192, 1, 7),
      layer("\(name).branch_pool", 768, 192, 1, 1),
    ]
  }

  private static func planE(_ name: String, _ input: Int) -> [Layer] {
    [
      layer("\(name).branch1x1", input, 320, 1, 1), layer("\(name).branch3x3_1", input, 384, 1, 1),
      layer("\(name).branch3x3_2a", 384, 384, 1, 3), layer("\(name).branch3x3_2b", 384, 384, 3, 1),
      layer("\(name).branch3x3dbl_1", input, 448, 1, 1),
      layer("\(name).branch3x3dbl_2", 448, 384, 3, 3),
      layer("\(name).branch3x3dbl_3a", 384, 384, 1, 3),
      layer("\(name).branch3x3dbl_3b", 384, 384, 3, 1),
      layer("\(name).branch_pool", input, 192, 1, 1),
    ]
  }
}
