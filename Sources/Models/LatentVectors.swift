package import TensorCore

/// Vectors from the normal distribution of mean 0 and deviation 1, each a function of its numbers alone.
///
/// - Parameters:
///   - samples: The vectors' numbers, one a row.
///   - count: Numbers of a vector.
///   - seed: Chooses the random numbers, with purpose and epoch.
///   - purpose: What the vectors are for.
///   - epoch: Or batch.
/// - Returns: [N, count].
package func latentVectors(
  _ samples: Range<Int>, count: Int, seed: UInt64, purpose: RandomPurpose, epoch: Int = 0
) -> Tensor {
  let elements = samples.flatMap { sample in
    var random = CounterBasedRandom(seed: seed, purpose: purpose, epoch: epoch, sample: sample)
    return random.normals(count)
  }
  return Tensor(elements, shape: [samples.count, count])
}
