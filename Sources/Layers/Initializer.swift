package import TensorCore

/// Draws the first values of parameters, each a function of (seed, name).
///
/// Values do not depend on the order in which parameters are made.
package struct Initializer: Sendable {
  private let seed: UInt64?

  /// Draws nothing: all values are zero, for parameters that are read from a file.
  package static let none = Initializer(seed: nil)

  private init(seed: UInt64?) { self.seed = seed }

  /// Starts from a run's seed.
  package init(seed: UInt64) {
    self.init(seed: Optional(seed))
  }

  /// Values from the normal distribution.
  package func normal(_ name: String, shape: Shape, mean: Float = 0, deviation: Float) -> Tensor {
    guard var random = generator(for: name) else { return zeros(shape) }
    return Tensor(
      random.normals(shape.elementCount).map { mean + deviation * $0 }, shape: shape)
  }

  /// PyTorch's default for a weight or bias: uniform in +-1 / sqrt(fan in).
  ///
  /// - Reference: He et al. 2015, arXiv 1502.01852, with a = sqrt(5).
  package func uniform(_ name: String, shape: Shape, fanIn: Int) -> Tensor {
    uniform(name, shape: shape, bound: 1 / Float(fanIn).squareRoot())
  }

  /// TensorFlow's default for a weight: uniform in +-sqrt(6 / (fan in + fan out)).
  ///
  /// - Parameters:
  ///   - name: The parameter's name.
  ///   - shape: [O, I] or [O, I, k, k].
  /// - Returns: The values.
  /// - Reference: Glorot and Bengio 2010.
  package func glorotUniform(_ name: String, shape: Shape) -> Tensor {
    let taps = shape.dimensions.dropFirst(2).reduce(1, *)
    return uniform(
      name, shape: shape, bound: (6 / Float((shape[0] + shape[1]) * taps)).squareRoot())
  }

  private func uniform(_ name: String, shape: Shape, bound: Float) -> Tensor {
    guard var random = generator(for: name) else { return zeros(shape) }
    return Tensor(
      (0..<shape.elementCount).map { _ in random.uniform(-bound, bound) }, shape: shape)
  }

  /// Zeros.
  package func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// A name is turned into the sample number of the random stream: FNV-1a, 64 bits.
  private func generator(for name: String) -> CounterBasedRandom? {
    guard let seed else { return nil }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return CounterBasedRandom(
      seed: seed, purpose: .weight, epoch: Int(hash >> 32), sample: Int(hash & 0xffff_ffff))
  }
}
