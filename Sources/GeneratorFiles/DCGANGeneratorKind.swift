import Checkpoints
import Layers
import Models
import Running

extension GeneratorKind {
  /// DCGAN's generator under the names of pytorch/examples.
  static let dcgan = GeneratorKind(
    name: "dcgan",
    sign: "main.0.weight of shape [latent, channels, 4, 4], main.3.weight and so on",
    recognises: { settings($0) != nil },
    samples: true,
    read: { file, _ in
      guard let settings = settings(file) else {
        throw RunError(.badData, "\(file.path): holds no generator of kind dcgan")
      }
      let generator = DCGANGenerator(settings, initializer: .none)
      try generator.readParameters(from: file)
      return generator
    })

  /// The size that the shapes of the convolutions tell; nil where they are not those of a generator.
  private static func settings(_ file: TensorFile) -> DCGANSettings? {
    var shapes: [[Int]] = []
    while let shape = file["main.\(3 * shapes.count).weight"]?.shape { shapes.append(shape) }
    guard let first = shapes.first, let last = shapes.last, shapes.count > 1,
      shapes.allSatisfy({ $0.count == 4 && $0[2...] == [4, 4] && $0[0] > 0 && $0[1] > 0 }),
      zip(shapes, shapes.dropFirst()).allSatisfy({ $0[1] == $1[0] }), last[1] == 3
    else { return nil }
    let side = 2 << shapes.count
    guard DCGANSettings.sides.contains(side) else { return nil }
    let settings = DCGANSettings(width: last[0], latent: first[0], side: side)
    return settings.channels == shapes.dropFirst().map { $0[0] } ? settings : nil
  }
}
