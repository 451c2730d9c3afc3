import CKernels
package import TensorCore

/// The harmonic membranes over the holes of some pictures: what is known at the border of a hole,
/// continued into it as smoothly as possible.
///
/// Every pixel of a hole is the mean of its neighbours up, down, left and right, as far as they lie in
/// the picture: Laplace's equation, with the values of the known pixels beside the hole, and a mirror
/// at the picture's edge. Where no pixel is known there is no border, and the membrane is zero. It is a
/// linear map of the known values; its transpose is solved for in the same way.
///
/// - Numerics: Conjugate gradients in single precision with sums in double, until the energy of the
///   error has fallen to 1e-12 of what it was: relative errors of about 1e-6 on pictures of 64 pixels, 1e-5
///   on larger ones. The bits do not depend on threads.
/// - Reference: Perez et al. 2003, Poisson Image Editing, "membrane interpolant"; the multigrid
///   preconditioner's over-correction is that of Braess 1995, Computing 55.
package struct HarmonicMembrane: Sendable {
  /// The holes, 1 = hole and 0 = known, [N, 1, H, W].
  package let holes: Tensor
  /// For each picture the equations of its hole; nil where there is nothing to solve.
  private let equations: [Equations?]

  private struct Equations: Sendable {
    let shape: ckernels_membrane_shape
    let memory: Tensor
  }

  /// What the energy of the error has fallen to in the end, as a factor of its root.
  private static let tolerance: Float = 1e-6
  /// Pictures with more pixels are solved one plane after another, each by all threads.
  private static let largeArea = 1 << 18

  /// Writes the equations of some holes, to be solved for any number of channels.
  ///
  /// - Parameter holes: Above 0.5 is hole, [N, 1, H, W].
  package init(holes: Tensor) {
    let shape = holes.shape
    precondition(shape.axisCount == 4 && shape[1] == 1, "holes are [N, 1, H, W], not \(shape)")
    let (height, width) = (shape[2], shape[3])
    var binary = Tensor(uninitialized: shape)
    let plain = holes.converted(to: .plain)
    binary.withUnsafeMutableFloats { binary in
      plain.withUnsafeFloats { values in
        for index in values.indices { binary[index] = values[index] > 0.5 ? 1 : 0 }
      }
    }
    self.holes = binary
    equations = (0..<shape[0]).map { picture in
      let hole = binary.pointer + picture * height * width
      guard let shape = boundedShape(of: hole, height: height, width: width) else { return nil }
      return withUnsafePointer(to: shape) { shape in
        let memory = Tensor(uninitialized: [ckernels_membrane_equation_count(shape)])
        ckernels_membrane_prepare(shape, hole, memory.mutablePointer)
        return Equations(shape: shape.pointee, memory: memory)
      }
    }
  }

  /// The membranes that equal some values at the known pixels beside each hole; zero elsewhere.
  ///
  /// - Parameter values: [N, C, H, W]; values inside holes are not looked at.
  /// - Returns: [N, C, H, W], plain.
  package func solved(_ values: Tensor) -> Tensor { solved(values, transposed: false) }

  /// The transpose of `solved(_:)`: from values inside holes to values at the known pixels beside them.
  ///
  /// - Parameter values: [N, C, H, W]; values of known pixels are not looked at.
  /// - Returns: [N, C, H, W], plain.
  package func solvedTransposed(_ values: Tensor) -> Tensor { solved(values, transposed: true) }

  private func solved(_ values: Tensor, transposed: Bool) -> Tensor {
    let shape = values.shape
    precondition(
      shape.axisCount == 4 && shape[0] == holes.shape[0] && shape[2] == holes.shape[2]
        && shape[3] == holes.shape[3], "membranes over holes \(holes.shape) of values \(shape)")
    let plain = values.converted(to: .plain)
    let result = Tensor(uninitialized: shape)
    let (source, target) = (plain.pointer, result.mutablePointer)
    let size = shape[2] * shape[3]
    func solve(_ plane: Int) {
      let picture = plane / shape[1]
      let (values, result) = (source + plane * size, target + plane * size)
      guard let equations = equations[picture] else {
        result.update(repeating: 0, count: size)
        return
      }
      withUnsafePointer(to: equations.shape) { shape in
        let scratch = Tensor(uninitialized: [ckernels_membrane_scratch_count(shape)])
        let solve = transposed ? ckernels_membrane_solve_transposed : ckernels_membrane_solve
        _ = solve(
          shape, holes.pointer + picture * size, equations.memory.pointer, values, Self.tolerance,
          scratch.mutablePointer, result)
      }
    }
    let planes = shape[0] * shape[1]
    if size > Self.largeArea {
      for plane in 0..<planes { solve(plane) }
    } else {
      parallelFor(planes, solve)
    }
    return result
  }
}

/// The smallest rectangle that holds a hole; nil where there is no hole, or nothing else.
private func boundedShape(
  of hole: UnsafePointer<Float>, height: Int, width: Int
) -> ckernels_membrane_shape? {
  var (top, bottom, left, right, area) = (height, -1, width, -1, 0)
  for row in 0..<height {
    for column in 0..<width where hole[row * width + column] != 0 {
      (top, bottom) = (min(top, row), row)
      (left, right) = (min(left, column), max(right, column))
      area += 1
    }
  }
  guard area > 0, area < height * width else { return nil }
  return ckernels_membrane_shape(
    height: height, width: width, top: top, left: left, box_height: bottom - top + 1,
    box_width: right - left + 1)
}
