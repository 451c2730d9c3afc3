import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Channel vectors")
struct ChannelVectorsTests {
  @Test(arguments: FeatureMapCases.shapes)
  func addingAndSumming(shape: [Int]) {
    var random = CounterBasedRandom(test: shape[1])
    let x = ReferenceTensor.random(shape, using: &random)
    let bias = ReferenceTensor.random([shape[1]], using: &random)
    for layout in FeatureMapCases.layouts {
      let tensor = x.tensor(layout: layout)
      let sum = tensor.addingToChannels(bias.tensor())
      expectClose(sum, x.addingToChannels(bias), .normwise(1e-6), "\(layout)")
      expectPaddingIsZero(sum)
      expectClose(
        tensor.summedOverChannels(), x.summedOverChannels(),
        .elementwise(absolute: 1e-5, relative: 1e-6), "\(layout)")
    }
  }

  @Test func paddingAndTruncating() {
    let vector = Tensor([1, 2, 3], shape: [3])
    #expect(vector.channelNumbers(padded: 5) == [1, 2, 3, 0, 0])
    #expect(vector.channelNumbers(padded: 3) == [1, 2, 3])
    #expect(vector.truncated(to: 2).elements == [1, 2])
    #expect(vector.truncated(to: 3).storage === vector.storage)
  }
}
