import Filling
import GeneratorFiles
import Images
import Models
import Running

/// Faces of random vectors that shall be made.
struct FaceSheet: Sendable {
  let network: StudioNetwork
  /// Vectors, and pictures from each to the next: see `SampleRequest`.
  let count, walkSteps: Int
  let seed: UInt64
  let truncation: Double

  /// Pictures that come of it.
  var pictureCount: Int { walkSteps == 0 ? count : (count - 1) * walkSteps + 1 }
}

/// Makes sheets of faces on the one thread that computes.
final class FaceEngine {
  /// Pictures in a row.
  static let columns = 8
  private var loaded: (source: StudioNetwork.Source, generator: any LatentGenerator)?

  /// Makes a sheet: the pictures in rows of `columns`, without gaps.
  ///
  /// - Returns: A PNG.
  /// - Throws: What is wrong with the weights.
  func png(of sheet: FaceSheet) throws -> [UInt8] {
    let generator = try generator(of: sheet.network)
    let pictures = generator.sampledPictures(
      count: sheet.count, seed: sheet.seed, truncation: sheet.truncation,
      walkSteps: sheet.walkSteps)
    let columns = min(pictures.count, Self.columns)
    let rows = (pictures.count + columns - 1) / columns
    let side = generator.side
    var image = Image(width: columns * side, height: rows * side, channels: 3)
    for (index, picture) in pictures.enumerated() {
      image.paste(picture, row: index / columns * side, column: index % columns * side)
    }
    return try image.encodedAsPNG()
  }

  private func generator(of network: StudioNetwork) throws -> any LatentGenerator {
    if let loaded, loaded.source == network.source { return loaded.generator }
    guard case .weights(let path, _) = network.source else {
      throw RunError(.usage, "\(network.name) makes no faces")
    }
    let generator = try readLatentGenerator(path)
    loaded = (network.source, generator)
    return generator
  }
}

extension Image {
  fileprivate mutating func paste(_ picture: Image, row: Int, column: Int) {
    for line in 0..<picture.height {
      let target = ((row + line) * width + column) * channels
      let source = line * picture.width * channels
      pixels.replaceSubrange(
        target..<target + picture.width * channels,
        with: picture.pixels[source..<source + picture.width * channels])
    }
  }
}
