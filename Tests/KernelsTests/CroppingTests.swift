import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Cropping")
struct CroppingTests {
  @Test(arguments: FeatureMapCases.shapes)
  func windowsOfEachImage(shape: [Int]) {
    var random = CounterBasedRandom(test: shape[1])
    let x = ReferenceTensor.random(shape, using: &random)
    for (height, width) in [(1, 1), (shape[2], shape[3]), (shape[2] / 2 + 1, shape[3] - 1)] {
      let windows = CropWindows(
        tops: (0..<shape[0]).map { _ in random.integer(in: 0...shape[2] - height) },
        lefts: (0..<shape[0]).map { _ in random.integer(in: 0...shape[3] - width) },
        height: height, width: width)
      let window = ReferenceTensor.random([shape[0], shape[1], height, width], using: &random)
      for layout in FeatureMapCases.layouts {
        let cropped = x.tensor(layout: layout).cropped(to: windows)
        expectClose(cropped, x.cropped(to: windows), .exact, "\(layout)")
        expectPaddingIsZero(cropped)
        let pasted = window.tensor(layout: layout)
          .pasted(into: windows, height: shape[2], width: shape[3])
        expectClose(
          pasted, window.pasted(into: windows, height: shape[2], width: shape[3]), .exact)
        expectPaddingIsZero(pasted)
      }
    }
  }
}
