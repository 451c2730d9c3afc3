import Kernels
import TensorCore
import TestSupport
import Testing

@Suite("Normalisation kernels")
struct NormalizationTests {
  private let groups: [NormalizationGroup] = [.image, .batch]

  @Test(arguments: FeatureMapCases.shapes)
  func moments(shape: [Int]) {
    var random = CounterBasedRandom(test: 1)
    // A mean that is large beside the deviation: one pass over squares would lose it.
    let x = ReferenceTensor.random(shape, using: &random).map { Double(Float(0.1 * $0 + 30)) }
    for layout in FeatureMapCases.layouts {
      for group in groups {
        let tensor = x.tensor(layout: layout)
        let moments = Normalization(like: tensor, group: group).moments(tensor)
        let expected = x.moments(ofEachImage: group == .image)
        expectClose(moments.mean.existingChannels(shape[1]), expected.mean, .normwise(1e-6))
        expectClose(
          moments.variance.existingChannels(shape[1]), expected.variance,
          .elementwise(absolute: 1e-9, relative: 1e-4))
        expectMissingChannelsAreZero(moments.mean, shape[1])
        expectMissingChannelsAreZero(moments.variance, shape[1])
      }
    }
  }

  @Test func momentsOfManyPixelsAreAccurate() {
    var random = CounterBasedRandom(test: 2)
    let x = ReferenceTensor.random([1, 2, 256, 256], in: 0...1, using: &random)
    for layout in FeatureMapCases.layouts {
      let tensor = x.tensor(layout: layout)
      let moments = Normalization(like: tensor, group: .image).moments(tensor)
      let expected = x.moments(ofEachImage: true)
      expectClose(moments.mean.existingChannels(2), expected.mean, .normwise(1e-7))
      expectClose(moments.variance.existingChannels(2), expected.variance, .normwise(1e-6))
    }
  }

  @Test(arguments: FeatureMapCases.shapes, [1, 0, 0.2])
  func valuesAndGradients(shape: [Int], negativeSlope: Double) {
    var random = CounterBasedRandom(test: 3)
    let x = ReferenceTensor.random(shape, using: &random)
    let addend = ReferenceTensor.random(shape, using: &random)
    let upstream = ReferenceTensor.random(shape, using: &random)
    let shift = ReferenceTensor.random([shape[1]], using: &random)
    for group in groups {
      let groupCount = group == .image ? shape[0] : 1
      let constants = (0..<4).map { _ in
        ReferenceTensor.random([groupCount, shape[1]], in: 0.5...1.5, using: &random)
      }
      let expected = Expected(
        x: x, upstream: upstream, mean: constants[0], scale: constants[1], offset: constants[2],
        slope: constants[3], shift: group == .batch ? shift : nil, negativeSlope: negativeSlope)
      for layout in FeatureMapCases.layouts {
        let tensor = x.tensor(layout: layout)
        let kernels = Normalization(like: tensor, group: group)
        let channels = FeaturePlanes(tensor).paddedChannels
        let (mean, scale) = (constants[0].padded(to: channels), constants[1].padded(to: channels))
        let shift = group == .batch ? shift.tensor().padded(to: channels) : nil
        let slope = Float(negativeSlope)
        let normalized = kernels.normalized(
          tensor, mean: mean, scale: scale, shift: shift, negativeSlope: slope)
        expectClose(normalized, expected.normalized, .normwise(1e-6), "\(group), \(layout)")
        expectPaddingIsZero(normalized)
        let added = kernels.normalized(
          tensor, mean: mean, scale: scale, shift: shift, negativeSlope: slope,
          addend: addend.tensor())
        expectClose(added, expected.normalized + addend, .normwise(1e-6), "\(group), \(layout)")
        let sums = kernels.gradientSums(
          tensor, mean: mean, scale: scale, shift: shift, negativeSlope: slope,
          outputGradient: upstream.tensor())
        let tolerance = Tolerance.elementwise(absolute: 1e-5, relative: 1e-5)
        expectClose(sums.gradient.existingChannels(shape[1]), expected.sums.0, tolerance)
        expectClose(
          sums.gradientTimesDeviation.existingChannels(shape[1]), expected.sums.1, tolerance)
        let inputGradient = kernels.inputGradient(
          tensor, mean: mean, scale: scale, shift: shift, negativeSlope: slope,
          outputGradient: upstream.tensor(), offset: constants[2].padded(to: channels),
          slope: constants[3].padded(to: channels))
        expectClose(inputGradient, expected.inputGradient, .normwise(1e-6), "\(group), \(layout)")
        expectPaddingIsZero(inputGradient)
      }
    }
  }

  private func expectMissingChannelsAreZero(_ tensor: Tensor, _ channels: Int) {
    let stored = tensor.shape[1]
    #expect(
      tensor.elements.enumerated().allSatisfy { $0.offset % stored < channels || $0.element == 0 })
  }
}

/// What the kernels compute, in double precision.
private struct Expected {
  let normalized: ReferenceTensor
  let sums: (ReferenceTensor, ReferenceTensor)
  let inputGradient: ReferenceTensor

  init(
    x: ReferenceTensor, upstream: ReferenceTensor, mean: ReferenceTensor, scale: ReferenceTensor,
    offset: ReferenceTensor, slope: ReferenceTensor, shift: ReferenceTensor?, negativeSlope: Double
  ) {
    let (channels, pixels) = (x.shape[1], x.shape[2] * x.shape[3])
    let group = { (index: Int) in
      (mean.shape[0] == 1 ? 0 : index / pixels / channels) * channels + index / pixels % channels
    }
    let deviation = { (index: Int) in x.elements[index] - mean.elements[group(index)] }
    let z = { (index: Int) in
      scale.elements[group(index)] * deviation(index)
        + (shift?.elements[index / pixels % channels] ?? 0)
    }
    let gradient = { (index: Int) in (z(index) > 0 ? 1 : negativeSlope) * upstream.elements[index] }
    normalized = ReferenceTensor(shape: x.shape) { z($0) > 0 ? z($0) : negativeSlope * z($0) }
    var sums = (
      ReferenceTensor(repeating: 0, shape: mean.shape),
      ReferenceTensor(repeating: 0, shape: mean.shape)
    )
    for index in x.elements.indices {
      sums.0.elements[group(index)] += gradient(index)
      sums.1.elements[group(index)] += gradient(index) * deviation(index)
    }
    self.sums = sums
    inputGradient = ReferenceTensor(shape: x.shape) { index in
      scale.elements[group(index)] * gradient(index) - offset.elements[group(index)]
        - slope.elements[group(index)] * deviation(index)
    }
  }
}

extension ReferenceTensor {
  /// [groups, C] with zeros for channels that only fill the last block.
  fileprivate func padded(to channels: Int) -> Tensor {
    ReferenceTensor(shape: [shape[0], channels]) {
      $0 % channels < shape[1] ? elements[$0 / channels * shape[1] + $0 % channels] : 0
    }.tensor()
  }
}

extension Tensor {
  /// [groups, padded C] without the channels that only fill the last block.
  fileprivate func existingChannels(_ count: Int) -> ReferenceTensor {
    reference.channels(0..<count)
  }
}
