extension ReferenceTensor {
  /// Mean and biased variance of each channel: of each image alone, [N, C], or of the batch, [1, C].
  package func moments(ofEachImage: Bool) -> (mean: ReferenceTensor, variance: ReferenceTensor) {
    let groups = ofEachImage ? shape[0] : 1
    let images = shape[0] / groups
    let count = Double(images * shape[2] * shape[3])
    var mean = ReferenceTensor(repeating: 0, shape: [groups, shape[1]])
    var variance = mean
    for group in 0..<groups {
      for channel in 0..<shape[1] {
        let values = (group * images..<(group + 1) * images).flatMap { image in
          elementsOfPlane(image, channel)
        }
        let average = values.reduce(0, +) / count
        mean.elements[group * shape[1] + channel] = average
        variance.elements[group * shape[1] + channel] =
          values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / count
      }
    }
    return (mean, variance)
  }

  /// Instance norm without parameters.
  package func instanceNormalized(epsilon: Double = 1e-5) -> ReferenceTensor {
    normalized(ofEachImage: true, epsilon: epsilon)
  }

  /// Batch norm over the statistics of this batch, with weight and bias [C].
  package func batchNormalized(
    weight: ReferenceTensor, bias: ReferenceTensor, epsilon: Double = 1e-5
  ) -> ReferenceTensor {
    normalized(ofEachImage: false, epsilon: epsilon).scalingChannels(by: weight)
      .addingToChannels(bias)
  }

  /// Adds one number to each channel, [N, C, H, W] + [C].
  package func addingToChannels(_ bias: ReferenceTensor) -> ReferenceTensor {
    combiningWithChannels(bias, +)
  }

  /// Multiplies each channel by one number, [N, C, H, W] * [C].
  package func scalingChannels(by factors: ReferenceTensor) -> ReferenceTensor {
    combiningWithChannels(factors, *)
  }

  /// The sum of each channel over images and pixels, [C].
  package func summedOverChannels() -> ReferenceTensor {
    var result = ReferenceTensor(repeating: 0, shape: [shape[1]])
    for image in 0..<shape[0] {
      for channel in 0..<shape[1] {
        result.elements[channel] += elementsOfPlane(image, channel).reduce(0, +)
      }
    }
    return result
  }

  private func normalized(ofEachImage: Bool, epsilon: Double) -> ReferenceTensor {
    let (mean, variance) = moments(ofEachImage: ofEachImage)
    let pixels = shape[2] * shape[3]
    return ReferenceTensor(shape: shape) { index in
      let (image, channel) = (index / pixels / shape[1], index / pixels % shape[1])
      let group = (ofEachImage ? image : 0) * shape[1] + channel
      return (elements[index] - mean.elements[group])
        / (variance.elements[group] + epsilon).squareRoot()
    }
  }

  private func elementsOfPlane(_ image: Int, _ channel: Int) -> ArraySlice<Double> {
    let pixels = shape[2] * shape[3]
    let first = (image * shape[1] + channel) * pixels
    return elements[first..<first + pixels]
  }

  private func combiningWithChannels(
    _ vector: ReferenceTensor, _ function: (Double, Double) -> Double
  ) -> ReferenceTensor {
    let pixels = shape[2] * shape[3]
    return ReferenceTensor(shape: shape) {
      function(elements[$0], vector.elements[$0 / pixels % shape[1]])
    }
  }
}
