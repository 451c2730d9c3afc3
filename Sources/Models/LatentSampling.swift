package import TensorCore

extension LatentGenerator {
  /// Makes the pictures of vectors, always as many at a time, the last one repeated where there are fewer:
  /// a picture's bits depend on its place among eight, and on nothing else.
  ///
  /// - Parameter latents: [N, latentCount].
  /// - Returns: [N, 3, side, side] in [-1, 1], in pieces of at most eight.
  package func inferredInPieces(_ latents: Tensor) -> [Tensor] {
    let (count, width) = (latents.shape[0], latents.shape[1])
    let elements = latents.elements
    return stride(from: 0, to: count, by: samplesAtATime).map { first in
      let rows = (first..<first + samplesAtATime).flatMap { row in
        let row = min(row, count - 1)
        return elements[row * width..<(row + 1) * width]
      }
      let made = inferred(Tensor(rows, shape: [samplesAtATime, width]))
      let kept = min(samplesAtATime, count - first)
      guard kept < samplesAtATime else { return made }
      let size = made.shape.elementCount / samplesAtATime
      return Tensor(
        Array(made.elements.prefix(kept * size)),
        shape: Shape([kept] + made.shape.dimensions.dropFirst()))
    }
  }
}

/// Pictures that a generator makes at a time outside of training.
package let samplesAtATime = 8
