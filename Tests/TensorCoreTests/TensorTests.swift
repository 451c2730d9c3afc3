import TensorCore
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test func listsItsElementsInOrder() {
    let tensor = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(tensor.elements == [1, 2, 3, 4, 5, 6])
    #expect(tensor.layout == .plain)
    #expect(Tensor(repeating: 2.5, shape: [3]).elements == [2.5, 2.5, 2.5])
    #expect(Tensor(7).scalar == 7)
    #expect(Tensor(7).shape == [])
  }

  @Test func aCopySharesMemoryUntilOneIsWrittenTo() {
    let original = Tensor([1, 2, 3], shape: [3])
    var copy = original
    #expect(copy.storage === original.storage)
    copy.withUnsafeMutableFloats { $0[1] = 9 }
    #expect(copy.storage !== original.storage)
    #expect(original.elements == [1, 2, 3])
    #expect(copy.elements == [1, 9, 3])
  }

  @Test func memoryThatNobodySharesIsWrittenInPlace() {
    var tensor = Tensor([1, 2, 3], shape: [3])
    let memory = tensor.storage.pointer
    let isUnique = tensor.isUniquelyReferenced()
    #expect(isUnique)
    tensor.withUnsafeMutableFloats { $0[0] = 4 }
    #expect(tensor.storage.pointer == memory)
    #expect(tensor.elements == [4, 2, 3])
  }

  @Test func aReshapedTensorSharesMemoryAndIsCopiedOnWrite() {
    let tensor = Tensor([1, 2, 3, 4], shape: [4])
    var matrix = tensor.reshaped(to: [2, 2])
    #expect(matrix.storage === tensor.storage)
    matrix.withUnsafeMutableFloats { $0[3] = 0 }
    #expect(tensor.elements == [1, 2, 3, 4])
    #expect(matrix.elements == [1, 2, 3, 0])
  }

  @Test func memoryIsFreedWithItsLastTensor() {
    var tensor: Tensor? = Tensor([1], shape: [1])
    var copy = tensor
    weak let storage = tensor?.storage
    tensor = nil
    #expect(storage != nil)
    #expect(copy?.elements == [1])
    copy = nil
    #expect(storage == nil)
  }

  @Test func elementTypesHaveTheirSize() {
    #expect(ElementType.float32.byteCount == 4)
    #expect(ElementType.bfloat16.byteCount == 2)
    #expect(
      Tensor(uninitialized: [1, 8, 2, 3], layout: .blocked(8), elementType: .bfloat16)
        .storage.byteCount == 96)
  }
}
