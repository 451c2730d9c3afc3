import CKernels
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Harmonic membrane")
struct HarmonicMembraneTests {
  @Test(arguments: ["centre", "edge", "one_known", "speckled", "walls", "brush"])
  func equalsDirectSolver(name: String) throws {
    let fixture = try Fixture(
      "membrane", in: Fixture.directory(of: "membrane", holding: "membrane"))
    let membrane = HarmonicMembrane(holes: try fixture.tensor("\(name).hole"))
    let values = try fixture.tensor("\(name).values")
    let bound = Tolerance.normwise(3e-5)
    expectClose(membrane.solved(values), try fixture.tensor("\(name).membrane"), bound)
    expectClose(membrane.solvedTransposed(values), try fixture.tensor("\(name).transposed"), bound)
  }

  /// Linear functions are harmonic: a picture whose brightness rises evenly is continued exactly.
  @Test func continuesAPlane() {
    let (height, width) = (40, 52)
    let plane = ReferenceTensor(shape: [1, 1, height, width]) {
      0.02 * Double($0 / width) - 0.03 * Double($0 % width)
    }
    let hole = ReferenceTensor(shape: [1, 1, height, width]) {
      (5..<30).contains($0 / width) && (7..<45).contains($0 % width) ? 1 : 0
    }
    let result = HarmonicMembrane(holes: hole.tensor()).solved(plane.tensor())
    expectClose(result, hole.combined(with: plane) { $0 * $1 }, .normwise(1e-5))
  }

  /// No border, or no hole: nothing to add, whatever other pictures of the batch need.
  @Test func withoutABorderItIsZero() {
    var random = CounterBasedRandom(test: 1)
    let values = ReferenceTensor.random([3, 2, 9, 8], using: &random)
    let holes = ReferenceTensor(shape: [3, 1, 9, 8]) { $0 < 72 ? 1 : $0 < 144 ? 0 : Double($0 % 2) }
    let membrane = HarmonicMembrane(holes: holes.tensor())
    for result in [membrane.solved(values.tensor()), membrane.solvedTransposed(values.tensor())] {
      #expect(result.elements.prefix(2 * 144).allSatisfy { $0 == 0 })
      #expect(result.elements.suffix(144).contains { $0 != 0 })
    }
  }

  /// A damaged value must not vanish: the guards against numbers that are not finite look at results.
  @Test(arguments: [Float.nan, .infinity])
  func damageIsPassedOn(value: Float) {
    let holes = ReferenceTensor(shape: [1, 1, 6, 6]) { (14...15).contains($0) ? 1 : 0 }
    var values = [Float](repeating: 1, count: 36)
    values[8] = value
    let result = HarmonicMembrane(holes: holes.tensor())
      .solved(Tensor(values, shape: [1, 1, 6, 6]))
    #expect(!result.elements[14].isFinite)
  }

  /// Small pictures are spread over threads by planes, large ones by rows.
  @Test(arguments: [(4, 48), (1, 640)])
  func threadsDoNotChangeBits(pictures: Int, side: Int) {
    var random = CounterBasedRandom(test: 2)
    let shape: Shape = [pictures, 3, side, side]
    let values = Tensor(
      (0..<shape.elementCount).map { _ in random.uniform() }, shape: shape)
    let hole = ReferenceTensor(shape: [pictures, 1, side, side]) {
      let (row, column) = ($0 / side % side, $0 % side)
      return row > side / 5 && column < 4 * side / 5 && (row * column) % 97 != 0 ? 1 : 0
    }
    func results() -> [Tensor] {
      let membrane = HarmonicMembrane(holes: hole.tensor())
      return [membrane.solved(values), membrane.solvedTransposed(values)]
    }
    let threads = ckernels_thread_count()
    defer { ckernels_set_thread_count(threads) }
    ckernels_set_thread_count(1)
    let alone = results()
    ckernels_set_thread_count(3)
    for (one, three) in zip(alone, results()) { expectClose(three, one, .exact) }
  }
}
