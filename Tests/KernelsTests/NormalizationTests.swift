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
        let tolerance = Tolerance.elementwise(absolute: 1e-15, relative: 1e-12)
        let channels = shape[1]
        expectClose(moments.mean.existingChannels(like: expected.mean), expected.mean, tolerance)
        expectClose(
          moments.variance.existingChannels(like: expected.variance), expected.variance, tolerance)
        let stored = FeaturePlanes(tensor).paddedChannels
        for (index, values) in zip(moments.mean, moments.variance).enumerated() {
          #expect(index % stored < channels || values == (0, 0))
        }
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
      expectClose(
        moments.mean.existingChannels(like: expected.mean), expected.mean, .normwise(1e-13))
      expectClose(
        moments.variance.existingChannels(like: expected.variance), expected.variance,
        .normwise(1e-13))
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
        let shift = group == .batch ? expected.shift?.padded(to: channels) : nil
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
        expectClose(
          sums.gradient.existingChannels(like: expected.sums.0), expected.sums.0, tolerance)
        expectClose(
          sums.gradientTimesDeviation.existingChannels(like: expected.sums.1), expected.sums.1,
          tolerance)
        let inputGradient = kernels.inputGradient(
          tensor, mean: mean, scale: scale, shift: shift, negativeSlope: slope,
          outputGradient: upstream.tensor(), offset: constants[2].padded(to: channels),
          slope: constants[3].padded(to: channels))
        expectClose(inputGradient, expected.inputGradient, .normwise(1e-6), "\(group), \(layout)")
        expectPaddingIsZero(inputGradient)
      }
    }
  }
}

/// What the kernels compute, in double precision.
private struct Expected {
  let normalized: ReferenceTensor
  let sums: (ReferenceTensor, ReferenceTensor)
  let inputGradient: ReferenceTensor
  /// [1, C].
  let shift: ReferenceTensor?

  init(
    x: ReferenceTensor, upstream: ReferenceTensor, mean: ReferenceTensor, scale: ReferenceTensor,
    offset: ReferenceTensor, slope: ReferenceTensor, shift: ReferenceTensor?, negativeSlope: Double
  ) {
    self.shift = shift?.reshaped(to: [1, x.shape[1]])
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
  fileprivate func padded(to channels: Int) -> [Double] {
    (0..<shape[0] * channels).map {
      $0 % channels < shape[1] ? elements[$0 / channels * shape[1] + $0 % channels] : 0
    }
  }
}

extension [Double] {
  /// [groups, padded C] without the channels that only fill the last block.
  fileprivate func existingChannels(like expected: ReferenceTensor) -> ReferenceTensor {
    let (channels, stored) = (expected.shape[1], count / expected.shape[0])
    return ReferenceTensor(shape: expected.shape) { self[$0 / channels * stored + $0 % channels] }
  }
}
