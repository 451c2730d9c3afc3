import CKernels
package import Kernels
import TensorCore

/// Instance norm without parameters, with leaky ReLU and an addend, in one pass over memory.
///
/// - Formula: `activation((x - mean) / sqrt(variance + epsilon)) + addend`; statistics over the
///   pixels of each image, biased variance.
/// - Reference: Ulyanov et al. 2016, arXiv 1607.08022.
struct InstanceNormalize: Operation {
  let epsilon: Float
  /// Slope of the leaky ReLU; 1 for no activation.
  let negativeSlope: Float

  struct Saved: Sendable {
    let input: Variable
    let mean: [Double]
    let scale: [Double]
  }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Saved) {
    let input = inputs[0].value
    let kernels = Normalization(like: input, group: .image)
    let moments = kernels.moments(input)
    let scale = moments.inverseDeviation(epsilon: Double(epsilon))
    let output = kernels.normalized(
      input, mean: moments.mean, scale: scale, shift: nil, negativeSlope: negativeSlope,
      addend: inputs.count > 1 ? inputs[1].value : nil)
    return (output, Saved(input: inputs[0], mean: moments.mean, scale: scale))
  }

  func backward(_ outputGradient: Variable, _ saved: Saved, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    let addendGradient = needs.count > 1 ? [outputGradient] : []
    guard needs[0] else { return [nil] + addendGradient }
    guard !Recording.isOn else {
      return gradientsThroughDefinition([saved.input], outputGradient, needs: [true]) { inputs in
        inputs[0].normalizedByDefinition(group: .image, epsilon: epsilon)
          .leakyReLU(negativeSlope: negativeSlope)
      } + addendGradient
    }
    let input = saved.input.value
    let kernels = Normalization(like: input, group: .image)
    let sums = kernels.gradientSums(
      input, mean: saved.mean, scale: saved.scale, shift: nil, negativeSlope: negativeSlope,
      outputGradient: outputGradient.value)
    let (offset, slope) = kernels.centring(
      sums: sums, factor: saved.scale, scale: saved.scale)
    let inputGradient = kernels.inputGradient(
      input, mean: saved.mean, scale: saved.scale, shift: nil, negativeSlope: negativeSlope,
      outputGradient: outputGradient.value, offset: offset, slope: slope)
    return [Variable(inputGradient)] + addendGradient
  }
}

/// Batch norm over the statistics of the batch, with leaky ReLU, in one pass over memory.
///
/// - Formula: `activation(weight (x - mean) / sqrt(variance + epsilon) + bias)`; biased variance.
/// - Reference: Ioffe and Szegedy 2015, arXiv 1502.03167.
struct BatchNormalize: Operation {
  let epsilon: Float
  /// Slope of the leaky ReLU; 1 for no activation.
  let negativeSlope: Float
  let moments: Moments

  struct Saved: Sendable {
    let inputs: [Variable]
    let inverseDeviation: [Double]
    let scale: [Double]
    let shift: [Double]
  }

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Saved) {
    let input = inputs[0].value
    let count = moments.mean.count
    let inverseDeviation = moments.inverseDeviation(epsilon: Double(epsilon))
    let scale = product(
      inverseDeviation, inputs[1].value.channelNumbers(padded: count))
    let shift = inputs[2].value.channelNumbers(padded: count)
    let output = Normalization(like: input, group: .batch).normalized(
      input, mean: moments.mean, scale: scale, shift: shift, negativeSlope: negativeSlope)
    return (
      output,
      Saved(inputs: inputs, inverseDeviation: inverseDeviation, scale: scale, shift: shift)
    )
  }

  func backward(_ outputGradient: Variable, _ saved: Saved, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard !Recording.isOn else {
      return gradientsThroughDefinition(saved.inputs, outputGradient, needs: needs) { inputs in
        let x = inputs[0]
        func perChannel(_ v: Variable) -> Variable {
          v.reshaped(to: [1, v.shape[0], 1, 1]).repeated(to: x.shape)
        }
        return
          (x.normalizedByDefinition(group: .batch, epsilon: epsilon) * perChannel(inputs[1])
          + perChannel(inputs[2])).leakyReLU(negativeSlope: negativeSlope)
      }
    }
    let input = saved.inputs[0].value
    let kernels = Normalization(like: input, group: .batch)
    let sums = kernels.gradientSums(
      input, mean: moments.mean, scale: saved.scale, shift: saved.shift,
      negativeSlope: negativeSlope, outputGradient: outputGradient.value)
    let channels = input.shape[1]
    var results: [Variable?] = [nil, nil, nil]
    if needs[1] {
      results[1] = rounded(
        product(sums.gradientTimesDeviation, saved.inverseDeviation), channels: channels)
    }
    if needs[2] { results[2] = rounded(sums.gradient, channels: channels) }
    if needs[0] {
      let (offset, slope) = kernels.centring(
        sums: sums, factor: saved.inverseDeviation, scale: saved.scale)
      results[0] = Variable(
        kernels.inputGradient(
          input, mean: moments.mean, scale: saved.scale, shift: saved.shift,
          negativeSlope: negativeSlope, outputGradient: outputGradient.value, offset: offset,
          slope: slope))
    }
    return results
  }
}

private func product(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 * $1 } }

/// The numbers of the channels that exist, [C].
private func rounded(_ values: [Double], channels: Int) -> Variable {
  Variable(Tensor(values.prefix(channels).map { Float($0) }, shape: [channels]))
}

extension Normalization {
  /// What the gradient by the input subtracts so that mean and variance stay as they are.
  ///
  /// - Formula: offset = scale * mean(g), slope = scale * factor^2 * mean(g (x - mean)), where
  ///   factor is 1 / deviation.
  fileprivate func centring(
    sums: (gradient: [Double], gradientTimesDeviation: [Double]), factor: [Double],
    scale: [Double]
  ) -> (offset: [Double], slope: [Double]) {
    let count = Double(count)
    let offset = product(sums.gradient, scale).map { $0 / count }
    let slope = product(product(sums.gradientTimesDeviation, scale), product(factor, factor))
      .map { $0 / count }
    return (offset, slope)
  }
}

extension Variable {
  /// Zero mean and unit variance for each channel, written with plain operations.
  package func normalizedByDefinition(group: NormalizationGroup, epsilon: Float) -> Variable {
    let axes = group == .image ? [2, 3] : [0, 2, 3]
    let count = Float(axes.reduce(1) { $0 * shape[$1] })
    func mean(_ x: Variable) -> Variable {
      axes.reduce(x) { $0.summed(along: $1) } * (1 / count)
    }
    let deviation = self - mean(self).repeated(to: shape)
    let variance = mean(deviation * deviation)
    return deviation * (variance + epsilon).squareRoot().reciprocal().repeated(to: shape)
  }

  /// Instance norm without parameters, then a leaky ReLU, then an addition.
  ///
  /// - Parameters:
  ///   - epsilon: Added to the variance.
  ///   - negativeSlope: Slope of the leaky ReLU; 1 for no activation, 0 for ReLU.
  ///   - addend: Added to the result, [N, C, H, W]; nil for nothing.
  /// - Returns: [N, C, H, W].
  package func instanceNormalized(
    epsilon: Float = 1e-5, negativeSlope: Float = 1, adding addend: Variable? = nil
  ) -> Variable {
    Variable.apply(
      InstanceNormalize(epsilon: epsilon, negativeSlope: negativeSlope),
      [self] + (addend.map { [$0] } ?? []))
  }

  /// Batch norm over the given statistics of this batch, then a leaky ReLU.
  ///
  /// - Parameters:
  ///   - moments: Mean and biased variance of this variable's channels.
  ///   - weight: [C].
  ///   - bias: [C].
  ///   - epsilon: Added to the variance.
  ///   - negativeSlope: Slope of the leaky ReLU; 1 for no activation.
  /// - Returns: [N, C, H, W].
  package func batchNormalized(
    moments: Moments, weight: Variable, bias: Variable, epsilon: Float = 1e-5,
    negativeSlope: Float = 1
  ) -> Variable {
    Variable.apply(
      BatchNormalize(epsilon: epsilon, negativeSlope: negativeSlope, moments: moments),
      [self, weight, bias])
  }
}
