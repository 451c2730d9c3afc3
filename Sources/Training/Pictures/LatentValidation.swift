import Communication
import Configuration
import Datasets
import Images
import Metrics
import Models
import TensorCore

/// The validation of a model that makes pictures from latent vectors: the sliced Wasserstein distance of
/// generated pictures from held-out ones, and a sheet of the same vectors each time.
///
/// Vectors and pictures are the same in all validations, on any number of ranks; those of the sheet are the
/// vectors of `inpaint sample` with the run's seed.
struct LatentValidation: ModelValidation {
  private let generator: any LatentGenerator
  private let communicator: any Communicator
  private let seed: UInt64
  /// Held-out pictures to compare with, all of them on each rank that compares.
  private let originals: [Image]
  /// Generated pictures that are scored, as many as held-out ones; 0 scores nothing.
  private let count: Int
  private let shownCount: Int

  /// Reads the held-out pictures.
  ///
  /// - Throws: What is wrong with a picture, naming its file.
  init(
    of generator: any LatentGenerator, on data: HeldOutData, seed: UInt64,
    communicator: any Communicator
  ) throws {
    self.generator = generator
    self.communicator = communicator
    self.seed = seed
    shownCount = communicator.isRoot ? data.settings.samplesCount : 0
    count = data.settings.every > 0 ? min(data.settings.count, data.source?.count ?? 0) : 0
    let compares =
      communicator.rank < SlicedWassersteinDistance.levelSides(of: generator.side).count
    guard let source = data.source, compares else {
      originals = []
      return
    }
    originals = try HeldOutPictures(
      source: source, indices: 0..<count, transform: data.transform
    ).pictures
  }

  var isScored: Bool { count > 0 }

  func scores() throws -> [(name: String, value: Double)] {
    guard count > 0 else { return [] }
    let generated = try generatedPictures()
    let sides = SlicedWassersteinDistance.levelSides(of: generator.side)
    let own = stride(from: communicator.rank, to: sides.count, by: communicator.worldSize).map {
      SlicedWassersteinDistance(seed: seed).distance(level: $0, originals, generated)
    }
    StepPhase.enter("validation", waits: true)
    let received = try communicator.allGather(own)
    let distances = sides.indices.map {
      received[$0 % received.count][$0 / received.count]
    }
    let mean = distances.reduce(0, +) / Double(distances.count)
    return [(SlicedWassersteinDistance.name, mean)]
      + zip(sides, distances).map { ("\(SlicedWassersteinDistance.name)_\($0)", $1) }
  }

  /// The pictures that are scored, made by all ranks, on all ranks.
  private func generatedPictures() throws -> [Image] {
    let pieces = (count + samplesAtATime - 1) / samplesAtATime
    let own = stride(from: communicator.rank, to: pieces, by: communicator.worldSize)
      .flatMap { piece in
        pictures(piece * samplesAtATime..<min((piece + 1) * samplesAtATime, count))
      }
    StepPhase.enter("validation", waits: true)
    let received = try communicator.allGather(own.flatMap(\.pixels))
    StepPhase.enter("validation")
    let side = generator.side
    let size = 3 * side * side
    return (0..<count).map { picture in
      let (piece, place) = picture.quotientAndRemainder(dividingBy: samplesAtATime)
      let first = (piece / received.count * samplesAtATime + place) * size
      return Image(
        width: side, height: side, channels: 3,
        pixels: Array(received[piece % received.count][first..<first + size]))
    }
  }

  private func pictures(_ samples: Range<Int>) -> [Image] {
    generator.inferredInPieces(
      latentVectors(samples, count: generator.latentCount, seed: seed, purpose: .sample)
    ).flatMap(\.pictures)
  }

  /// The pictures of the first vectors, eight in a row.
  func sheet(title: String) -> Image {
    Image(sheetOf: pictures(0..<shownCount), title: title)
  }
}
