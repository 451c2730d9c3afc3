import Autodiff
import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Modulate channels")
struct ModulateChannelsTests {
  private func reference(_ inputs: [ReferenceTensor]) -> ReferenceTensor {
    let shape = inputs[0].shape
    let pixels = shape[2] * shape[3]
    return ReferenceTensor(shape: shape) { index in
      inputs[0].elements[index] * inputs[1].elements[index / pixels]
        + inputs[2].elements[index / pixels]
    }
  }

  /// Channels that fill their blocks, and others; every layout.
  @Test(arguments: [[2, 16, 3, 2], [3, 32, 2, 2], [2, 3, 4, 5], [1, 17, 2, 3]])
  func gradients(shape: [Int]) {
    GradientCheck("modulate channels").expectGradients(
      of: [.featureMaps(shape), .values([shape[0], shape[1]]), .values([shape[0], shape[1]])],
      operation: { $0[0].modulatingChannels(scale: $0[1], shift: $0[2]) }, reference: reference)
  }

  @Test func secondDerivatives() {
    SecondDerivativeCheck("modulate channels").expectPenaltyGradients(
      of: [.featureMaps([2, 16, 2, 2]), .values([2, 16]), .values([2, 16])],
      operation: { $0[0].modulatingChannels(scale: $0[1], shift: $0[2]).weightedSquares() },
      reference: { reference($0).weightedSquares() })
  }

  /// Scales of 1 and shifts of 0 leave every bit, layout and type.
  @Test(arguments: [ElementType.float32, .bfloat16])
  func nothingChangesNothing(elementType: ElementType) {
    var random = CounterBasedRandom(seed: 3, purpose: .test)
    let maps = Tensor((0..<2 * 32 * 6).map { _ in random.uniform(-1, 1) }, shape: [2, 32, 2, 3])
      .converted(to: .native, elementType)
    let result = Variable(maps).modulatingChannels(
      scale: Variable(Tensor(repeating: 1, shape: [2, 32])),
      shift: Variable(Tensor(repeating: 0, shape: [2, 32]))
    ).value
    #expect(result.layout == maps.layout && result.elementType == elementType)
    #expect(result.converted(to: .plain).elements == maps.converted(to: .plain).elements)
  }
}
