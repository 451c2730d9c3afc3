import Baselines
import Filling
import Foundation
import GeneratorFiles
import HTTPService
import Images
import Running

/// Fills holes on the one thread that computes.
final class FillEngine {
  /// A filled picture, and the seconds that the network took.
  struct Outcome {
    let filled: Image
    let note: String
    let seconds: Double
  }

  private struct Loaded {
    let source: StudioNetwork.Source
    let filler: PictureFiller
    var lastUse: Int
  }

  private let convention: String?
  private let memoryLimit: Int?
  private var loaded: [Loaded] = []
  private var uses = 0
  /// Beyond so many pixels the baselines see the surroundings of the holes only.
  private static let baselinePixels = 512 * 512

  init(convention: String?, memoryLimit: Int?) {
    (self.convention, self.memoryLimit) = (convention, memoryLimit)
  }

  /// Fills the hole of a picture.
  ///
  /// - Parameters:
  ///   - picture: Three channels.
  ///   - hole: Of the picture's size.
  ///   - network: Who fills.
  ///   - region: How much of the picture it sees.
  ///   - variant: Which of the network's fillings; nil for its mean filling.
  ///   - name: Names the picture in errors.
  ///   - goesOn: Asked before each region, with the number of those done and of all.
  /// - Returns: The outcome; nil where `goesOn` said no.
  /// - Throws: What is wrong with the weights; `RunError` where memory lacks.
  func fill(
    _ picture: Image, hole: HoleMask, with network: StudioNetwork, region: FillRequest.Region,
    variant: StudioFill.Variant?, name: String, goesOn: (Int, Int) -> Bool
  ) throws -> Outcome? {
    guard hole.holeArea < hole.values.count else {
      throw RunError(.badData, "\(name): all of it is marked; leave something to go by.")
    }
    switch network.source {
    case .weights(let path, _):
      let filler = try filler(of: network.source, path: path)
      let plan = try FillPlan(
        hole: hole, region: region, bytesPerPixel: filler.bytesPerPixel,
        available: memoryLimit ?? availableMemory(), name: name)
      return timed(note: plan.note) {
        var isComplete = true
        let filled = filler.fill(
          picture, hole: hole, regions: plan.regions,
          noise: variant.map { filler.noise(number: $0.number - 1, seed: $0.seed) },
          goesOn: { done in
            isComplete = goesOn(done, plan.regions.count)
            return isComplete
          })
        return isComplete ? filled : nil
      }
    case .patchMatch:
      return fill(picture, hole, with: PatchMatch(seed: 1), goesOn)
    case .telea:
      return fill(picture, hole, with: Telea(), goesOn)
    }
  }

  private func timed(note: String, _ body: () -> Image?) -> Outcome? {
    let start = ContinuousClock.now
    guard let filled = body() else { return nil }
    return Outcome(
      filled: filled, note: note, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func fill(
    _ picture: Image, _ hole: HoleMask, with baseline: some InpaintingBaseline,
    _ goesOn: (Int, Int) -> Bool
  ) -> Outcome? {
    let parts =
      picture.width * picture.height <= Self.baselinePixels
      ? [picture.bounds] : regions(roundHolesOf: hole)
    return timed(note: "") {
      var result = picture
      for (done, part) in parts.enumerated() {
        guard goesOn(done, parts.count) else { return nil }
        let partOfHole = Image(
          width: hole.width, height: hole.height, channels: 1, pixels: hole.values
        ).cropped(to: part)
        let filled = baseline.filled(
          picture.cropped(to: part),
          hole: HoleMask(width: part.width, height: part.height, values: partOfHole.pixels),
          sample: 0)
        for row in 0..<part.height {
          let target = ((part.top + row) * picture.width + part.left) * 3
          let source = row * part.width * 3
          result.pixels.replaceSubrange(
            target..<target + part.width * 3,
            with: filled.pixels[source..<source + part.width * 3])
        }
      }
      return result
    }
  }

  private func filler(of source: StudioNetwork.Source, path: String) throws -> PictureFiller {
    uses += 1
    if let index = loaded.firstIndex(where: { $0.source == source }) {
      loaded[index].lastUse = uses
      return loaded[index].filler
    }
    if loaded.count >= StudioLimits.loadedNetworks,
      let oldest = loaded.indices.min(by: { loaded[$0].lastUse < loaded[$1].lastUse })
    {
      loaded.remove(at: oldest)
    }
    // Weights that have one meaning only take no convention.
    let generator =
      try convention.flatMap { try? readGenerator(path, convention: $0) } ?? readGenerator(path)
    let filler = PictureFiller(generator)
    loaded.append(Loaded(source: source, filler: filler, lastUse: uses))
    return filler
  }
}
