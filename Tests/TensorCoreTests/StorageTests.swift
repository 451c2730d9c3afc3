import TensorCore
import Testing

@Suite("Storage")
struct StorageTests {
  @Test func aDerivedFormIsMadeOnceForEachKey() {
    let storage = Storage(byteCount: 64)
    var made = 0
    func form(_ key: String) -> Float {
      storage.derived(key) {
        made += 1
        return Tensor(Float(made))
      }.scalar
    }
    #expect(form("a") == 1)
    #expect(form("a") == 1)
    #expect(form("b") == 2)
    storage.contentsChanged()
    #expect(form("a") == 3)
  }

  @Test func derivedFormsAreDroppedWhenATensorIsWrittenTo() {
    var tensor = Tensor([1, 2], shape: [2])
    let doubled = { (tensor: Tensor) in
      tensor.storage.derived("doubled") {
        Tensor(tensor.elements.map { 2 * $0 }, shape: [2])
      }.elements
    }
    #expect(doubled(tensor) == [2, 4])
    tensor.withUnsafeMutableFloats { $0[0] = 5 }
    #expect(doubled(tensor) == [10, 4])
  }

  @Test func aCopyThatIsWrittenToLeavesTheOriginalsDerivedForms() {
    let tensor = Tensor([1, 2], shape: [2])
    let form = tensor.storage.derived("negated") { Tensor([-1, -2], shape: [2]) }
    var copy = tensor
    copy.withUnsafeMutableFloats { $0[0] = 5 }
    let again = tensor.storage.derived("negated") { Tensor([0, 0], shape: [2]) }
    #expect(again.elements == form.elements)
    #expect(copy.storage.derived("negated") { Tensor([-5, -2], shape: [2]) }.elements == [-5, -2])
  }

  @Test func aSliceSharesMemoryAndKeepsItAlive() {
    var arena: Storage? = Storage(byteCount: 16 * 4)
    weak let watched = arena
    let floats = arena!.pointer.assumingMemoryBound(to: Float.self)
    for index in 0..<16 { floats[index] = Float(index) }
    var slice: Storage? = Storage(sliceOf: arena!, byteOffset: 16, byteCount: 16)
    arena = nil
    #expect(watched != nil)
    #expect(Tensor(shape: [4], storage: slice!).elements == [4, 5, 6, 7])
    slice = nil
    #expect(watched == nil)
  }
}
