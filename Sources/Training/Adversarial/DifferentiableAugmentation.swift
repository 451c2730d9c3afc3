package import Autodiff
package import Configuration
package import Datasets
import Kernels
package import TensorCore

/// Random changes of all pictures that a discriminator sees, original and filled, in the updates of both
/// networks: it cannot remember pictures that it never sees twice alike, and gradients flow through the
/// changes to the generator.
///
/// A picture has one draw, for the original and its composite, for the whole and for the square round its
/// hole, which is cut out afterwards. Draws are a function of the seed, the batch and the picture's place
/// in it.
///
/// - Reference: Zhao et al. 2020, arXiv 2006.10738, and its code: pictures in [-1, 1], brightness
///   + U(-1/2, 1/2), saturation x U(0, 2), contrast x U(1/2, 3/2); a shift by up to an eighth of the side, zeros
///   come in; a grey square of half the side.
package struct DifferentiableAugmentation: Sendable {
  private let kinds: [AdversarialConfiguration.Augmentation]
  private let seed: UInt64

  /// Chooses the changes.
  package init(_ kinds: [AdversarialConfiguration.Augmentation], seed: UInt64) {
    (self.kinds, self.seed) = (kinds, seed)
  }

  /// The draws for a replica's pictures.
  package func drawn(for batch: ReplicaBatch) -> DrawnAugmentation {
    drawn(
      count: batch.images.shape[0], side: batch.images.shape[2], batch: batch.number,
      replica: batch.replica)
  }

  /// The draws for some pictures of a replica's batch.
  ///
  /// - Parameters:
  ///   - count: Pictures of the replica.
  ///   - side: Their rows and columns.
  ///   - batch: The number of the batch in the run.
  ///   - replica: The replica.
  /// - Returns: A draw for each picture.
  package func drawn(count: Int, side: Int, batch: Int, replica: Int) -> DrawnAugmentation {
    let draws = (0..<count).map { row -> DrawnAugmentation.Draw in
      var random = CounterBasedRandom(
        seed: seed, purpose: .discriminatorAugmentation, epoch: batch,
        sample: replica * count + row)
      var draw = DrawnAugmentation.Draw()
      // In a fixed order and all of them, so that one kind's numbers do not depend on the others.
      let color = (random.uniform(-0.5, 0.5), random.uniform(0, 2), random.uniform(0.5, 1.5))
      let reach = side / 8
      let shift = (random.integer(in: -reach...reach), random.integer(in: -reach...reach))
      let centre = (random.integer(in: 0...side), random.integer(in: 0...side))
      if kinds.contains(.color) {
        (draw.brightness, draw.saturation, draw.contrast) = color
      }
      if kinds.contains(.translation) { (draw.down, draw.right) = shift }
      if kinds.contains(.cutout) { draw.cutout = centre }
      return draw
    }
    return DrawnAugmentation(draws: draws, changesColor: kinds.contains(.color))
  }
}

/// What was drawn for some pictures.
package struct DrawnAugmentation: Sendable {
  /// What was drawn for one picture.
  package struct Draw: Sendable {
    /// Added to every value.
    package var brightness: Float = 0
    /// Multiplies the distance from grey.
    package var saturation: Float = 1
    /// Multiplies the distance from the picture's mean.
    package var contrast: Float = 1
    /// Rows that the picture moves down by.
    package var down = 0
    /// Columns that the picture moves to the right by.
    package var right = 0
    /// The centre of the grey square.
    package var cutout: (row: Int, column: Int)?
  }

  /// The draws of all pictures.
  package let draws: [Draw]
  let changesColor: Bool

  /// The changed pictures.
  ///
  /// - Parameter pictures: RGB in [-1, 1], [N, 3, side, side], as many as were drawn for.
  /// - Returns: [N, 3, side, side], plain; colours may lead beyond [-1, 1].
  package func callAsFunction(_ pictures: Variable) -> Variable {
    precondition(
      pictures.shape[0] == draws.count, "\(pictures.shape) for \(draws.count) draws")
    var result = pictures.plain()
    if changesColor { result = recolored(result) }
    if draws.contains(where: { $0.down != 0 || $0.right != 0 }) { result = shifted(result) }
    if draws.contains(where: { $0.cutout != nil }) { result = cut(result) }
    return result
  }

  /// Holes at the places that their pictures have moved to; what comes in is known.
  package func moved(_ holes: Tensor) -> Tensor {
    guard draws.contains(where: { $0.down != 0 || $0.right != 0 }) else { return holes }
    return Recording.off { shifted(Variable(holes)).value }
  }

  private func recolored(_ pictures: Variable) -> Variable {
    let shape = pictures.shape
    func each(_ value: (Draw) -> Float) -> Variable {
      Variable(Tensor(draws.map(value), shape: [draws.count, 1, 1, 1])).repeated(to: shape)
    }
    let bright = pictures + each(\.brightness)
    let grey = (bright.summed(along: 1) * (1 / Float(shape[1]))).repeated(to: shape)
    let saturated = (bright - grey) * each(\.saturation) + grey
    let count = shape.elementCount / shape[0]
    let mean = (saturated.reshaped(to: [shape[0], count]).summed(along: 1) * (1 / Float(count)))
      .reshaped(to: [shape[0], 1, 1, 1]).repeated(to: shape)
    return (saturated - mean) * each(\.contrast) + mean
  }

  /// Pictures in the middle of larger ones that are zero, of which a window is taken.
  private func shifted(_ pictures: Variable) -> Variable {
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    let reach = draws.reduce(0) { max($0, abs($1.down), abs($1.right)) }
    func windows(_ sign: Int) -> CropWindows {
      CropWindows(
        tops: draws.map { reach + sign * $0.down }, lefts: draws.map { reach + sign * $0.right },
        height: height, width: width)
    }
    return
      pictures.pasted(
        into: windows(1), height: height + 2 * reach, width: width + 2 * reach
      ).cropped(
        to: CropWindows(
          tops: draws.map { _ in reach }, lefts: draws.map { _ in reach }, height: height,
          width: width))
  }

  private func cut(_ pictures: Variable) -> Variable {
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    let squares = draws.flatMap { draw in
      (0..<height * width).map { pixel -> Float in
        guard let centre = draw.cutout else { return 0 }
        let (row, column) = (pixel / width, pixel % width)
        let isInside =
          row >= centre.row - height / 4 && row < centre.row + height / 4
          && column >= centre.column - width / 4 && column < centre.column + width / 4
        return isInside ? 1 : 0
      }
    }
    return .blend(
      hole: Tensor(squares, shape: [draws.count, 1, height, width]),
      Variable(Tensor(repeating: 0, shape: pictures.shape)), pictures)
  }
}
