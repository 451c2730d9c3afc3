import CBLAS
package import Images
import Synchronization
import TensorCore

/// The sliced Wasserstein distance of two sets of pictures: how far small patches of one are from those of
/// the other, without any network.
///
/// Of each level of the Laplacian pyramids random patches are taken, each channel is brought to mean 0 and
/// deviation 1 over its set, and the patches are projected onto random directions. The distance along a
/// direction is the mean difference of the sorted numbers; that of a level the mean over directions, times
/// 1000. Patches and directions are functions of the seed.
///
/// - Reference: Karras et al. 2018, arXiv 1710.10196, section 5, as mmagic's `swd.py` computes it.
package struct SlicedWassersteinDistance: Sendable {
  /// Its name among scores.
  package static let name = "swd"
  /// What it is, in a sentence.
  package static let meaning =
    "sliced Wasserstein distance of generated pictures from held-out ones, times 1000, mean over the levels "
    + "of the Laplacian pyramid"

  /// Patches of a picture.
  static let patchesPerPicture = 128
  /// Directions that patches are projected onto: four times 128.
  static let directionCount = 512

  private let seed: UInt64

  /// Draws patches and directions by a seed.
  package init(seed: UInt64) { self.seed = seed }

  /// The sides of a pyramid's levels: halves down to 16 pixels, four levels at most.
  package static func levelSides(of side: Int) -> [Int] {
    var sides: [Int] = []
    var next = side
    while next >= 16 && sides.count < 4 {
      sides.append(next)
      next /= 2
    }
    return sides
  }

  /// The distance at one level.
  ///
  /// - Parameters:
  ///   - level: Which of `levelSides`.
  ///   - originals: Square RGB pictures of one size.
  ///   - others: As many of the same size.
  /// - Returns: The distance times 1000.
  package func distance(level: Int, _ originals: [Image], _ others: [Image]) -> Double {
    precondition(
      originals.count == others.count && !originals.isEmpty,
      "\(originals.count) and \(others.count) pictures have no sliced distance")
    let count = Self.levelSides(of: originals[0].width).count
    func patches(_ pictures: [Image], firstSample: Int) -> [Float] {
      normalizedPatches(
        pictures.enumerated().map { index, picture in
          let laplacian = LaplacianLevel(level, of: count, picture)
          var random = CounterBasedRandom(
            seed: seed, purpose: .patchPlace, epoch: level, sample: firstSample + index)
          let last = laplacian.side - patchSide
          let places = (0..<Self.patchesPerPicture).map { _ in
            (row: random.integer(in: 0...last), column: random.integer(in: 0...last))
          }
          return (laplacian, places)
        })
    }
    let directions = (0..<Self.directionCount).flatMap { index in
      var random = CounterBasedRandom(
        seed: seed, purpose: .projection, epoch: level, sample: index)
      let numbers = random.normals(patchSize)
      let length = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return numbers.map { Float(Double($0) / length) }
    }
    return 1000
      * slicedDistance(
        patches(originals, firstSample: 0), patches(others, firstSample: originals.count),
        directions: directions)
  }
}

/// Rows and columns of a patch.
private let patchSide = 7
/// Numbers of a patch: three channels.
private let patchSize = 3 * patchSide * patchSide

/// Patches of 7x7 pixels, each channel with mean 0 and deviation 1 over all of them.
///
/// - Parameter levels: Levels of pictures, with the top left corners of the patches in each.
/// - Returns: [patches, 3 x 7 x 7].
package func normalizedPatches(
  _ levels: [(level: LaplacianLevel, places: [(row: Int, column: Int)])]
) -> [Float] {
  var patches: [Float] = []
  patches.reserveCapacity(levels.reduce(0) { $0 + $1.places.count } * patchSize)
  for (level, places) in levels {
    for place in places {
      for channel in 0..<3 {
        for row in place.row..<place.row + patchSide {
          let first = (channel * level.side + row) * level.side + place.column
          patches += level.values[first..<first + patchSide]
        }
      }
    }
  }
  let area = patchSide * patchSide
  for channel in 0..<3 {
    func sum(_ term: (Double) -> Double) -> Double {
      var total = 0.0
      for first in stride(from: channel * area, to: patches.count, by: patchSize) {
        for index in first..<first + area { total += term(Double(patches[index])) }
      }
      return total
    }
    let count = Double(patches.count / 3)
    let mean = sum { $0 } / count
    let deviation = (sum { ($0 - mean) * ($0 - mean) } / (count - 1)).squareRoot()
    for first in stride(from: channel * area, to: patches.count, by: patchSize) {
      for index in first..<first + area {
        patches[index] =
          deviation > 0 ? Float((Double(patches[index]) - mean) / deviation) : 0
      }
    }
  }
  return patches
}

/// The mean difference of two sets of patches, projected and sorted.
///
/// - Parameters:
///   - a: [patches, 3 x 7 x 7].
///   - b: As many.
///   - directions: Vectors of length 1, [directions, 3 x 7 x 7].
/// - Returns: The mean over directions.
package func slicedDistance(_ a: [Float], _ b: [Float], directions: [Float]) -> Double {
  let (count, total) = (a.count / patchSize, directions.count / patchSize)
  // Some directions at a time: their projections stay in the cache while they are sorted.
  let together = 16
  var sum = 0.0
  for first in stride(from: 0, to: total, by: together) {
    let chosen = Array(directions[first * patchSize..<min(first + together, total) * patchSize])
    let (x, y) = (sortedProjections(a, onto: chosen), sortedProjections(b, onto: chosen))
    for index in x.indices { sum += Double(abs(x[index] - y[index])) }
    ScoringStatistics.finished.add(1, ordering: .relaxed)
  }
  return sum / Double(count * total)
}

/// [directions, patches], each row sorted.
private func sortedProjections(_ patches: [Float], onto directions: [Float]) -> [Float] {
  let (count, rows) = (patches.count / patchSize, directions.count / patchSize)
  return [Float](unsafeUninitializedCapacity: rows * count) { buffer, initialized in
    guard let memory = buffer.baseAddress else { return }
    cblas_bridge_multiply_parts(
      0, 1, Int32(rows), Int32(count), Int32(patchSize), directions, Int32(patchSize), patches,
      Int32(patchSize), memory, Int32(count))
    for row in 0..<rows {
      var part = UnsafeMutableBufferPointer(rebasing: buffer[row * count..<(row + 1) * count])
      part.sort()
    }
    initialized = rows * count
  }
}
