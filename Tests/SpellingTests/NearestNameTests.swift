import Spelling
import Testing

@Suite("Nearest name")
struct NearestNameTests {
  @Test(
    "Typing errors are counted",
    arguments: [
      ("", "", 0), ("abc", "", 3), ("batch", "batch", 0), ("bacth", "batch", 1),
      ("batches", "batch", 2), ("bach", "batch", 1), ("kitten", "sitting", 3), ("Side", "side", 0),
      ("keep-last", "keep_last", 0), ("ca", "abc", 3),
    ])
  func typingErrorCount(a: String, b: String, count: Int) {
    #expect(typingErrors(a, b) == count)
    #expect(typingErrors(b, a) == count)
  }

  @Test("The nearest is the first of the best")
  func nearest() {
    #expect(nearestName(to: "wdth", among: ["kind", "width", "depth"]) == "width")
    #expect(nearestName(to: "x", among: ["a", "b"]) == "a")
    #expect(nearestName(to: "x", among: []) == nil)
  }
}
