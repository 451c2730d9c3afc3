import Autodiff
import Layers
import TensorCore
import Testing

@Suite("Parameters in one piece of memory")
struct ParameterArenaTests {
  @Test func parametersBecomeSlices() {
    let parameters = [
      Parameter("a", Tensor([1, 2, 3], shape: [3])),
      Parameter("b", Tensor([4, 5], shape: [1, 2])),
    ]
    let before = parameters[0].variable
    let arena = ParameterArena(parameters, ranges: [2..<5, 0..<2], count: 8)
    #expect(arena.count == 8)
    #expect(arena.values.elements == [4, 5, 1, 2, 3, 0, 0, 0])
    #expect(parameters.map { $0.value.elements } == [[1, 2, 3], [4, 5]])
    #expect(parameters[1].shape == [1, 2])
    // Graphs that begin at the old memory are not continued.
    #expect(parameters[0].variable.value.storage !== before.value.storage)

    parameters[1].setElements([-4, -5])
    #expect(arena.values.elements == [-4, -5, 1, 2, 3, 0, 0, 0])
    arena.values.mutablePointer[3] = 20
    arena.valuesChanged()
    #expect(parameters[0].value.elements == [1, 20, 3])
    #expect(parameters[0].variable.value.elements == [1, 20, 3])
  }
}
