package import Autodiff
package import TensorCore

/// How a generator's picture and the known pixels become one picture.
package enum CompositeKind: String, Sendable, CaseIterable {
  /// The generator's pixels in the hole, as published: `hole G + (1 - hole) known`.
  case plain
  /// The same, with a harmonic membrane in the hole that takes up the difference of both pictures at its
  /// border (docs/models/adversarial.md): the border cannot be seen.
  case membrane

  /// Joins both pictures.
  ///
  /// - Parameters:
  ///   - generated: The generator's picture, RGB in [-1, 1], [N, 3, H, W].
  ///   - known: RGB in [-1, 1], [N, 3, H, W]; nothing inside a hole is looked at.
  ///   - hole: 1 = hole, 0 = known, [N, 1, H, W].
  /// - Returns: [N, 3, H, W], plain; known pixels bit for bit. A membrane may lead beyond [-1, 1].
  package func callAsFunction(_ generated: Variable, known: Variable, hole: Tensor) -> Variable {
    switch self {
    case .plain: .blend(hole: hole, generated, known)
    case .membrane: generated.joined(to: known, hole: hole)
    }
  }
}
