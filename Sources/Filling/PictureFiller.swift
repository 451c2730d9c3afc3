import Autodiff
package import Images
import Kernels
import Layers
package import Models
import Synchronization
package import TensorCore

/// Fills the holes of pictures of any size, one after another.
package final class PictureFiller {
  private let generator: any InpaintingGenerator
  private let composite: CompositeKind
  private var lastSize: (width: Int, height: Int)?

  /// Fills with a generator, whose pictures are joined to what is known in a way of their own here.
  package init(_ generator: any InpaintingGenerator, composite: CompositeKind = .membrane) {
    var generator = generator
    generator.compositeKind = .plain
    (self.generator, self.composite) = (generator, composite)
  }

  /// About how much memory the network takes for each pixel that it sees.
  package var bytesPerPixel: Int { generator.bytesPerPixel }

  /// The vectors of fillings, [1, noiseCount] each, for a generator with noise.
  package func noise(_ count: Int, seed: UInt64) -> [Tensor] {
    (0..<count).map { noise(number: $0, seed: seed) }
  }

  /// One of these vectors, numbered from 0.
  package func noise(number: Int, seed: UInt64) -> Tensor {
    latentVectors(
      number..<number + 1, count: generator.noiseCount, seed: seed, purpose: .sample)
  }

  /// The picture with its hole filled; known pixels stay as they are, bit for bit.
  ///
  /// The generator works on multiples of some pixels: the edges are repeated up to the next one.
  ///
  /// - Parameters:
  ///   - picture: Three channels.
  ///   - hole: Of the picture's size.
  ///   - regions: What the generator sees, one after another; nil for the whole picture.
  ///   - noise: A vector, [1, noiseCount], for a generator with noise; nil for its mean filling.
  ///   - attended: Receives where it has looked in each region, if it has attention.
  ///   - goesOn: Asked before each region, with the number of regions that are done; where it says no,
  ///     the other regions stay as they are.
  /// - Returns: The filled picture.
  package func fill(
    _ picture: Image, hole: HoleMask, regions: [Rectangle]? = nil, noise: Tensor? = nil,
    attended: ((AttendedRegion) -> Void)? = nil, goesOn: (Int) -> Bool = { _ in true }
  ) -> Image {
    precondition(
      picture.channels == 3 && picture.width == hole.width && picture.height == hole.height,
      "a hole of \(hole.width)x\(hole.height) for \(picture.width)x\(picture.height)")
    var result = picture
    for (done, region) in (regions ?? [picture.bounds]).enumerated() {
      guard goesOn(done) else { break }
      let filled = filled(region, of: picture, hole, noise, attended)
      for row in region.rows {
        for column in region.columns where hole.values[row * hole.width + column] == 1 {
          let source = ((row - region.top) * filled.width + column - region.left) * 3
          let target = (row * picture.width + column) * 3
          for channel in 0..<3 {
            result.pixels[target + channel] = filled.pixels[source + channel]
          }
        }
      }
    }
    return result
  }

  /// The filled region.
  ///
  /// The generator sees it padded at the right and at the bottom. A membrane does not: what is repeated
  /// there may hide a hole at the edge, and is not known.
  private func filled(
    _ region: Rectangle, of picture: Image, _ hole: HoleMask, _ noise: Tensor?,
    _ attended: ((AttendedRegion) -> Void)?
  ) -> Image {
    let multiple = generator.sizeMultiple
    let (width, height) = (
      (region.width + multiple - 1) / multiple * multiple,
      (region.height + multiple - 1) / multiple * multiple
    )
    prepare(width: width, height: height)
    let padded = picture.extended(region, toWidth: width, height: height)
    var holes = Tensor(repeating: 0, shape: [1, 1, height, width])
    holes.withUnsafeMutableFloats { values in
      for row in region.rows {
        for column in region.columns {
          values[(row - region.top) * width + column - region.left] = Float(
            hole.values[row * hole.width + column])
        }
      }
    }
    let images = Tensor(pictures: [padded])
    func joined(_ filled: FilledPictures) -> Image {
      let window = CropWindows(
        tops: [0], lefts: [0], height: region.height, width: region.width)
      return Recording.off {
        composite(
          Variable(filled.generated.cropped(to: window)),
          known: Variable(images.cropped(to: window)), hole: holes.cropped(to: window)
        ).value.pictures[0]
      }
    }
    guard let attended else {
      return joined(generator.fill(images: images, holes: holes, noise: noise))
    }
    let received = ReceivedPlaces()
    let filled = generator.fill(images: images, holes: holes, noise: noise) { places in
      received.value.withLock { $0 = places }
    }
    if let places = received.value.withLock({ $0 }) {
      attended(
        AttendedRegion(region: region, width: width, height: height, places: places))
    }
    return joined(filled)
  }

  /// Forgets what was kept for pictures of another size, so that a folder of many sizes needs no more
  /// memory than its largest picture.
  private func prepare(width: Int, height: Int) {
    if let lastSize, lastSize != (width, height) {
      forgetConvolutions()
      // Weights are kept in forms that belong to the convolutions.
      for parameter in generator.parameters { parameter.value.storage.contentsChanged() }
      MemoryPool.shared.trim()
    }
    lastSize = (width, height)
  }
}

private final class ReceivedPlaces: Sendable {
  let value = Mutex<AttendedPlaces?>(nil)
}

extension Image {
  /// A part of the picture, with its last row and column repeated to a larger size.
  fileprivate func extended(
    _ region: Rectangle, toWidth newWidth: Int, height newHeight: Int
  ) -> Image {
    var result = Image(width: newWidth, height: newHeight, channels: channels)
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let (sourceRow, sourceColumn) = (
          region.top + min(row, region.height - 1), region.left + min(column, region.width - 1)
        )
        let source = (sourceRow * width + sourceColumn) * channels
        let target = (row * newWidth + column) * channels
        for channel in 0..<channels { result.pixels[target + channel] = pixels[source + channel] }
      }
    }
    return result
  }
}
