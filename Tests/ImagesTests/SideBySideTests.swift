import Images
import Testing

@Suite struct SideBySideTests {
  @Test func everyPictureStandsAtItsPlace() {
    let first = Image(width: 2, height: 3, filledWith: 10)
    let second = Image(width: 4, height: 3, filledWith: 20)
    let joined = Image(sideBySide: [first, second])
    #expect(joined.width == 8 && joined.height == 3)
    let left = Rectangle(top: 0, left: 0, height: 3, width: 2)
    let right = Rectangle(top: 0, left: 4, height: 3, width: 4)
    #expect(joined.cropped(to: left) == first)
    #expect(joined.cropped(to: right) == second)
    #expect(
      joined.cropped(to: Rectangle(top: 0, left: 2, height: 3, width: 2)).pixels.allSatisfy {
        $0 == 255
      })
  }
}
