import CBLAS
import CKernels
import TensorCore

/// The patches of one picture under contextual attention, and how its work is divided.
struct AttendedPicture {
  /// Some rows of places that are worked on together, and the similarities that this needs.
  struct Band {
    /// The places.
    let places: Range<Int>
    /// Places whose similarities with all others are fused for `places`; those of the second range
    /// are at the other end of the grid, because columns follow one another.
    let needed: (first: Range<Int>, second: Range<Int>)
  }

  let match: PatchGrid
  let source: PatchGrid
  /// Q, [P, 9 C].
  let matchPatches: Tensor
  /// R at valid places, [V, 16 D].
  let sourcePatches: Tensor
  /// Numbers of all places, 0..<P.
  let places: [Int32]
  /// Numbers of the valid places, ascending.
  let valid: [Int32]
  /// `1 / n_j`, [P].
  let factors: Tensor
  /// `1 / n_j^2` where the norm depends on the patch, else 0, [P].
  let slopes: Tensor
  let bands: [Band]

  /// For each place its number among the valid ones, -1 for others.
  var validSlots: [Int32] {
    var slots = [Int32](repeating: -1, count: places.count)
    for (slot, place) in valid.enumerated() { slots[Int(place)] = Int32(slot) }
    return slots
  }

  private let isValid: Tensor
  private let scale: Float
  private let height, width: Int

  init(_ attention: ContextualAttention, match: Tensor, source: Tensor, picture: Int) {
    (height, width) = (match.shape[2], match.shape[3])
    let count = height * width
    self.match = PatchGrid(
      of: match.shape, kernel: 3, stride: 1, padding: 1, rows: height, columns: width)
    self.source = PatchGrid(
      of: source.shape, kernel: 4, stride: 2, padding: 1, rows: height, columns: width)
    let validity = attention.valid.elements[picture * count..<(picture + 1) * count]
    isValid = Tensor(Array(validity), shape: [count])
    scale = attention.scale
    places = (0..<count).map(Int32.init)
    valid = zip(places, validity).filter { $1 != 0 }.map(\.0)
    matchPatches = self.match.patches(of: match, picture, at: places)
    sourcePatches = self.source.patches(of: source, picture, at: valid)
    (factors, slopes) = Self.norms(of: matchPatches, attention.norm)
    bands = Self.bands(height: height, width: width)
  }

  private static func norms(of patches: Tensor, _ norm: PatchNorm) -> (Tensor, Tensor) {
    let (count, length) = (patches.shape[0], patches.shape[1])
    let squares = Tensor(uninitialized: [count])
    ckernels_squared_lengths(patches.pointer, count, length, squares.mutablePointer)
    let numbers = squares.elements
    let (lengths, isFree): ([Float], [Bool]) =
      switch norm {
      case .offset:
        (
          numbers.map { ($0 + 1e-4 * Float(length)).squareRoot() },
          Array(repeating: true, count: count)
        )
      case .clamped: (numbers.map { max($0, 1e-8).squareRoot() }, numbers.map { $0 >= 1e-8 })
      }
    return (
      Tensor(lengths.map { 1 / $0 }, shape: [count]),
      Tensor(zip(lengths, isFree).map { $1 ? 1 / ($0 * $0) : 0 }, shape: [count])
    )
  }

  /// Bands of at most 8 rows, fewer where their similarities would take more than 64 MiB but 2 at
  /// least: a function of the size alone.
  private static func bands(height: Int, width: Int) -> [Band] {
    let count = height * width
    let rows = min(8, max(2, (64 << 20) / (4 * width * count)))
    return stride(from: 0, to: height, by: rows).map { top in
      let bottom = min(top + rows, height)
      let first = max((top - 1) * width - 1, 0)..<min((bottom + 1) * width + 1, count)
      let second =
        top == 0
        ? max(first.upperBound, (height - 1) * width - 1)..<count
        : bottom == height ? 0..<min(width + 1, first.lowerBound) : 0..<0
      return Band(
        places: top * width..<bottom * width,
        needed: (first, second.isEmpty ? 0..<0 : second))
    }
  }
}

// MARK: - Forward

extension AttendedPicture {
  /// The weights of a band, [number of its places, V].
  ///
  /// - Parameters:
  ///   - band: The band.
  ///   - weights: Receives them, one row of V numbers a place.
  ///   - attended: Receives for each place of the picture the place of its largest weight.
  func computeWeights(
    of band: Band, into weights: UnsafeMutablePointer<Float>,
    _ attended: UnsafeMutablePointer<Int32>
  ) {
    let count = places.count
    let similarities = Tensor(
      uninitialized: [band.needed.first.count + band.needed.second.count, count])
    multiplyPatches(band.needed.first, into: similarities.mutablePointer)
    multiplyPatches(
      band.needed.second, into: similarities.mutablePointer + band.needed.first.count * count)
    var rows = ckernels_similarity_rows(
      height: height, width: width, rows: similarities.pointer,
      first: band.needed.first.lowerBound, firstCount: band.needed.first.count,
      second: band.needed.second.lowerBound, secondCount: band.needed.second.count)
    let (scratch, fused) = (Tensor(uninitialized: [count]), Tensor(uninitialized: [count]))
    for (row, place) in band.places.enumerated() {
      ckernels_fuse_row(
        &rows, factors.pointer, place, scratch.mutablePointer, fused.mutablePointer)
      let largest = ckernels_masked_softmax(
        fused.mutablePointer, count, scale, isValid.pointer, valid, valid.count,
        weights + row * valid.count)
      attended[place] = largest < 0 ? -1 : valid[Int(largest)]
    }
  }

  /// The weights of all places, [P, V].
  func allWeights() -> Tensor {
    let result = Tensor(uninitialized: [places.count, valid.count])
    let attended = PlaceNumbers(count: places.count)
    parallelFor(bands.count) { index in
      computeWeights(
        of: bands[index],
        into: result.mutablePointer + bands[index].places.lowerBound * valid.count,
        attended.pointer)
    }
    return result
  }

  /// `<Q_i, Q_j>` of some places i with all places j.
  private func multiplyPatches(_ places: Range<Int>, into result: UnsafeMutablePointer<Float>) {
    guard !places.isEmpty else { return }
    let length = match.length
    cblas_bridge_multiply_parts(
      0, 1, Int32(places.count), Int32(self.places.count), Int32(length),
      matchPatches.pointer + places.lowerBound * length, Int32(length), matchPatches.pointer,
      Int32(length), result, Int32(self.places.count))
  }

  /// The patches that a band's weights mix, [number of its places, 16 D].
  func paste(
    _ weights: UnsafePointer<Float>, _ band: Band, into mixed: UnsafeMutablePointer<Float>
  ) {
    guard !valid.isEmpty else {
      return mixed.update(repeating: 0, count: band.places.count * source.length)
    }
    cblas_bridge_multiply_parts(
      0, 0, Int32(band.places.count), Int32(source.length), Int32(valid.count), weights,
      Int32(valid.count), sourcePatches.pointer, Int32(source.length), mixed, Int32(source.length))
  }
}

// MARK: - Gradient

extension AttendedPicture {
  /// The gradient by the source's valid patches, [V, 16 D], times 4, from the weights, [P, V], and
  /// patches of the output's gradient, [P, 16 D].
  func sourcePatchGradient(_ weights: Tensor, _ gradient: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [valid.count, source.length])
    Self.forEachPart(of: valid.count) { part in
      cblas_bridge_multiply_parts(
        1, 0, Int32(part.count), Int32(source.length), Int32(places.count),
        weights.pointer + part.lowerBound, Int32(valid.count), gradient.pointer,
        Int32(source.length), result.mutablePointer + part.lowerBound * source.length,
        Int32(source.length))
    }
    return result
  }

  /// The gradient by the match patches, [P, 9 C].
  func matchPatchGradient(_ weights: Tensor, _ gradient: Tensor) -> Tensor {
    let count = places.count
    let products = productGradient(similarityGradient(weights, gradient))
    let result = Tensor(uninitialized: [count, match.length])
    let asColumns = Tensor(uninitialized: [count, match.length])
    Self.forEachPart(of: count) { part in
      for (transposes, target) in [(false, result), (true, asColumns)] {
        cblas_bridge_multiply_parts(
          transposes ? 1 : 0, 0, Int32(part.count), Int32(match.length), Int32(count),
          products.pointer + part.lowerBound * (transposes ? 1 : count), Int32(count),
          matchPatches.pointer, Int32(match.length),
          target.mutablePointer + part.lowerBound * match.length, Int32(match.length))
      }
    }
    ckernels_add_normalized_gradient(
      asColumns.pointer, matchPatches.pointer, slopes.pointer, count, match.length,
      result.mutablePointer)
    return result
  }

  /// The gradient by the fused similarities, [P, P].
  private func similarityGradient(_ weights: Tensor, _ gradient: Tensor) -> Tensor {
    let count = places.count
    guard !valid.isEmpty else { return Tensor(repeating: 0, shape: [count, count]) }
    let result = Tensor(uninitialized: [count, count])
    parallelFor(bands.count) { index in
      let band = bands[index].places
      let weightGradient = Tensor(uninitialized: [band.count, valid.count])
      cblas_bridge_multiply_parts(
        0, 1, Int32(band.count), Int32(valid.count), Int32(source.length),
        gradient.pointer + band.lowerBound * source.length, Int32(source.length),
        sourcePatches.pointer, Int32(source.length), weightGradient.mutablePointer,
        Int32(valid.count))
      for (row, place) in band.enumerated() {
        ckernels_masked_softmax_gradient(
          weights.pointer + place * valid.count, weightGradient.pointer + row * valid.count,
          scale * 0.25, valid, valid.count, count, result.mutablePointer + place * count)
      }
    }
    return result
  }

  /// The gradient by the products `<Q_i, Q_j>`, [P, P].
  private func productGradient(_ fused: Tensor) -> Tensor {
    let count = places.count
    let result = Tensor(uninitialized: [count, count])
    let rows = ckernels_similarity_rows(
      height: height, width: width, rows: fused.pointer, first: 0, firstCount: count, second: 0,
      secondCount: 0)
    parallelFor(bands.count) { index in
      let scratch = Tensor(uninitialized: [count])
      withUnsafePointer(to: rows) { rows in
        for place in bands[index].places {
          ckernels_unfuse_row(
            rows, factors.pointer, place, scratch.mutablePointer,
            result.mutablePointer + place * count)
        }
      }
    }
    return result
  }

  /// Shares rows in parts of 128, a function of their number alone.
  private static func forEachPart(of count: Int, _ body: (Range<Int>) -> Void) {
    parallelFor((count + 127) / 128) { index in
      body(index * 128..<min((index + 1) * 128, count))
    }
  }
}
