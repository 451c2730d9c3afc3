package import Kernels
package import TensorCore

/// The harmonic membrane over holes, or the transpose of that linear map: each is the other's
/// derivative.
struct Membrane: Operation {
  let membrane: HarmonicMembrane
  let isTransposed: Bool

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    let values = inputs[0].value
    return (isTransposed ? membrane.solvedTransposed(values) : membrane.solved(values), ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(Membrane(membrane: membrane, isTransposed: !isTransposed), [outputGradient])]
  }
}

extension Variable {
  /// The harmonic membranes that equal this variable at the known pixels beside each hole; zero outside
  /// of holes.
  ///
  /// - Parameter membrane: The holes of the pictures, [N, 1, H, W].
  /// - Returns: [N, C, H, W], plain.
  package func membrane(over membrane: HarmonicMembrane) -> Variable {
    Variable.apply(Membrane(membrane: membrane, isTransposed: false), [plain()])
  }

  /// This picture in holes and another one elsewhere, joined without a step at the border.
  ///
  /// Inside each hole the harmonic membrane is added that takes up the difference of both pictures at
  /// the known pixels beside the hole: what the generator says of known pixels, its mistakes of colour
  /// and brightness there included, decides what is added.
  ///
  /// - Formula: `hole (a + membrane(b - a)) + (1 - hole) b`.
  /// - Parameters:
  ///   - known: The other picture, [N, C, H, W].
  ///   - hole: 1 where this picture is taken and 0 where the other is, [N, 1, H, W].
  /// - Returns: [N, C, H, W], plain; where nothing is missing, the known picture bit for bit.
  package func joined(to known: Variable, hole: Tensor) -> Variable {
    let a = plain()
    let step = known.plain() - a
    return Variable.blend(
      hole: hole, a + step.membrane(over: HarmonicMembrane(holes: hole)), known)
  }
}
