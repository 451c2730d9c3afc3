import CKernels
import TensorCore

/// A convolution on random values, and its three directions computed directly in double precision.
///
/// Feature maps are `[N, H, W, C]` and weights `[O, I, 3, 3]`, in plain arrays.
struct WinogradReference {
  let shape: ckernels_winograd_shape
  let negativeSlope: Float
  let input: [Float]
  let weight: [Float]
  let bias: [Float]
  let outputGradient: [Float]

  var outputHeight: Int { Int(shape.height + 2 * (shape.padding - shape.dilation)) }
  var outputWidth: Int { Int(shape.width + 2 * (shape.padding - shape.dilation)) }

  init(_ shape: ckernels_winograd_shape, negativeSlope: Float, seed: Int) {
    var random = CounterBasedRandom(seed: UInt64(seed), purpose: .test)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in random.uniform(-1, 1) } }
    let change = 2 * (shape.padding - shape.dilation)
    let (batch, inputs, outputs) = (
      Int(shape.batch), Int(shape.inputChannels), Int(shape.outputChannels)
    )
    self.shape = shape
    self.negativeSlope = negativeSlope
    input = values(batch * Int(shape.height) * Int(shape.width) * inputs)
    weight = values(outputs * inputs * 9).enumerated().map { index, value in
      Self.isEmpty(index, of: shape) ? 0 : value
    }
    bias = values(outputs)
    outputGradient = values(
      batch * Int(shape.height + change) * Int(shape.width + change) * outputs)
  }

  /// Whether an element of the weight is one that its phase of the input does not have.
  static func isEmpty(_ index: Int, of shape: ckernels_winograd_shape) -> Bool {
    guard shape.hasPhases else { return false }
    let phase = index / 9 % Int(shape.inputChannels) / (Int(shape.inputChannels) / 4)
    func empty(_ isOdd: Bool) -> Int32 { isOdd ? shape.emptyTaps.1 : shape.emptyTaps.0 }
    return index % 9 / 3 == empty(phase / 2 == 1) || index % 3 == empty(phase % 2 == 1)
  }

  /// A gradient of the weight, with zeros where none is defined.
  func defined<Scalar: FloatingPoint>(_ weightGradient: [Scalar]) -> [Scalar] {
    weightGradient.enumerated().map { Self.isEmpty($0, of: shape) ? 0 : $1 }
  }

  /// What the kernels are to compute, in the order of their results.
  func results() -> WinogradResults<Double> {
    let (inputs, outputs) = (Int(shape.inputChannels), Int(shape.outputChannels))
    // [3, 3, O, I], so that the innermost loops run along input channels.
    let taps = (0..<9 * outputs * inputs).map { index in
      Double(weight[index % (outputs * inputs) * 9 + index / (outputs * inputs)])
    }
    let x = input.map(Double.init)
    var sums = [Double](repeating: 0, count: outputGradient.count)
    var inputGradient = [Double](repeating: 0, count: x.count)
    var tapGradients = [Double](repeating: 0, count: taps.count)
    forEachTap { pixel, source, tap in
      x.withUnsafeBufferPointer { x in
        taps.withUnsafeBufferPointer { taps in
          inputGradient.withUnsafeMutableBufferPointer { inputGradient in
            tapGradients.withUnsafeMutableBufferPointer { tapGradients in
              for output in 0..<outputs {
                let gradient = Double(outputGradient[pixel * outputs + output])
                let row = (tap * outputs + output) * inputs
                var sum = 0.0
                for channel in 0..<inputs {
                  let (value, factor) = (x[source * inputs + channel], taps[row + channel])
                  sum += value * factor
                  inputGradient[source * inputs + channel] += gradient * factor
                  tapGradients[row + channel] += gradient * value
                }
                sums[pixel * outputs + output] += sum
              }
            }
          }
        }
      }
    }
    for index in sums.indices {
      let sum = sums[index] + Double(bias[index % outputs])
      sums[index] = sum > 0 ? sum : sum * Double(negativeSlope)
    }
    return WinogradResults(
      output: sums, inputGradient: inputGradient,
      weightGradient: defined(
        (0..<taps.count).map { tapGradients[$0 % 9 * outputs * inputs + $0 / 9] }))
  }

  /// Calls `body` with every output pixel, input pixel and weight element that meet.
  private func forEachTap(_ body: (_ pixel: Int, _ source: Int, _ tap: Int) -> Void) {
    let (height, width) = (Int(shape.height), Int(shape.width))
    let (padding, dilation) = (Int(shape.padding), Int(shape.dilation))
    for image in 0..<Int(shape.batch) {
      for row in 0..<outputHeight {
        for column in 0..<outputWidth {
          for tap in 0..<9 {
            let sourceRow = row - padding + tap / 3 * dilation
            let sourceColumn = column - padding + tap % 3 * dilation
            guard 0..<height ~= sourceRow, 0..<width ~= sourceColumn else { continue }
            body(
              (image * outputHeight + row) * outputWidth + column,
              (image * height + sourceRow) * width + sourceColumn, tap)
          }
        }
      }
    }
  }
}

/// All results of the three directions of a convolution.
struct WinogradResults<Scalar> {
  var output: [Scalar]  // [N, H, W, O]
  var inputGradient: [Scalar]  // [N, H, W, I]
  var weightGradient: [Scalar]  // [O, I, 3, 3]
}

extension WinogradResults<Float> {
  /// The largest of the three errors, each the norm of the difference over that of the reference.
  func error(from reference: WinogradResults<Double>) -> Double {
    func relative(_ values: [Float], _ exact: [Double]) -> Double {
      let difference = zip(values, exact).reduce(0) {
        $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
      }
      let norm = exact.reduce(0) { $0 + $1 * $1 }
      return difference == 0 ? 0 : (difference / norm).squareRoot()
    }
    return max(
      relative(output, reference.output), relative(inputGradient, reference.inputGradient),
      relative(weightGradient, reference.weightGradient))
  }

  /// Whether all values have the same bits.
  func isIdentical(to other: Self) -> Bool {
    func equal(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }
    return equal(output, other.output) && equal(inputGradient, other.inputGradient)
      && equal(weightGradient, other.weightGradient)
  }
}
