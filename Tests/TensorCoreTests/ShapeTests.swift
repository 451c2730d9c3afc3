import TensorCore
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test func countsElements() {
    let maps: Shape = [2, 3, 4, 5]
    #expect(maps.axisCount == 4)
    #expect(maps.elementCount == 120)
    #expect(maps[1] == 3)
    #expect(maps.description == "[2, 3, 4, 5]")
  }

  @Test func aScalarHasOneElement() {
    let scalar: Shape = []
    #expect(scalar.axisCount == 0)
    #expect(scalar.elementCount == 1)
  }

  @Test func anEmptyAxisLeavesNoElements() {
    #expect(Shape([4, 0, 2]).elementCount == 0)
  }
}
