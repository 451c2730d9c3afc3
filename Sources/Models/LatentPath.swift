import Foundation
package import TensorCore

/// Latent vectors to make pictures of: as they were drawn, or with steps on the way from each to the next.
package struct LatentPath {
  /// [N, count].
  package let latents: Tensor

  /// Lays a path past vectors.
  ///
  /// - Parameters:
  ///   - vectors: [N, count].
  ///   - truncation: What every vector is multiplied by: below 1 pictures are nearer to the mean, and
  ///     nearer to each other.
  ///   - steps: Vectors from each to the next; 0 takes the vectors alone.
  package init(_ vectors: Tensor, truncation: Float = 1, steps: Int = 0) {
    let count = vectors.shape[1]
    let elements = vectors.elements.map { $0 * truncation }
    let rows = (0..<vectors.shape[0]).map { Array(elements[$0 * count..<($0 + 1) * count]) }
    guard steps > 0, let last = rows.last else {
      latents = Tensor(elements, shape: vectors.shape)
      return
    }
    let path =
      zip(rows, rows.dropFirst()).flatMap { start, end in
        (0..<steps).map {
          sphericalInterpolation(start, end, position: Double($0) / Double(steps))
        }
      } + [last]
    latents = Tensor(path.flatMap { $0 }, shape: [path.count, count])
  }
}

/// A vector on the way from one to another that turns evenly and is as long as they are.
///
/// A straight line would lead past vectors that are much shorter than any that the network was trained
/// with.
///
/// - Formula: `sin((1 - t) w) / sin w a + sin(t w) / sin w b`, where w is the angle between a and b; a straight
///   line where they have one direction.
/// - Parameters:
///   - a: Where the way begins.
///   - b: Where it ends, of as many numbers.
///   - position: t, in 0...1.
/// - Returns: The vector at that position.
/// - Reference: Shoemake 1985; White 2016, arXiv 1609.04468.
package func sphericalInterpolation(
  _ a: [Float], _ b: [Float], position: Double
) -> [Float] {
  func product(_ x: [Float], _ y: [Float]) -> Double {
    zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  let lengths = (product(a, a) * product(b, b)).squareRoot()
  let angle = lengths > 0 ? acos(min(max(product(a, b) / lengths, -1), 1)) : 0
  let sine = sin(angle)
  let (first, second) =
    sine > 1e-6
    ? (sin((1 - position) * angle) / sine, sin(position * angle) / sine)
    : (1 - position, position)
  return zip(a, b).map { Float(first * Double($0) + second * Double($1)) }
}
