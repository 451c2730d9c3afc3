import Configuration
package import Datasets
import Models
package import TensorCore

/// The vectors of noise in DMFN's training, and what keeps the generator from leaving them aside.
///
/// Each picture has two vectors. Losses are those of the filling by the first; the discriminator sees both,
/// and their distance in the hole counts against the loss with a weight that falls to 0.
///
/// - Reference: Choi et al. 2020, arXiv 1912.01865, section 2.2; docs/models/dmfn.md.
package struct DMFNNoise: Sendable {
  /// Numbers of a vector.
  package let count: Int
  /// Chooses the vectors.
  package let seed: UInt64
  /// The weight of the distance at the start.
  package let diversity: Float
  /// Batches over which it falls evenly to 0.
  package let steps: Int
  /// The distance beyond which it no longer counts; nil for none.
  package let limit: Float?

  /// Makes settings.
  package init(count: Int, seed: UInt64, diversity: Float, steps: Int, limit: Float? = nil) {
    (self.count, self.seed, self.diversity, self.steps) = (count, seed, diversity, steps)
    self.limit = limit
  }

  /// The noise that a configuration asks for; nil for none.
  init?(_ configuration: RunConfiguration) {
    guard configuration.model.noise > 0 else { return nil }
    self.init(
      count: configuration.model.noise, seed: configuration.seed,
      diversity: Float(configuration.loss.diversity), steps: configuration.loss.diversitySteps,
      limit: configuration.loss.diversityLimit > 0 ? Float(configuration.loss.diversityLimit) : nil)
  }

  /// Two vectors for each picture of a batch, [N, count] each: functions of seed, batch and place in it.
  package func vectors(for batch: ReplicaBatch) -> (first: Tensor, second: Tensor) {
    let pictures = batch.images.shape[0]
    let start = 2 * batch.replica * pictures
    func vectors(_ range: Range<Int>) -> Tensor {
      latentVectors(range, count: count, seed: seed, purpose: .noise, epoch: batch.number)
    }
    return (vectors(start..<start + pictures), vectors(start + pictures..<start + 2 * pictures))
  }

  /// The loss term in a batch of the run: negative, as a large distance is good.
  func term(inBatch number: Int) -> LossTerm {
    let left = max(0, 1 - Float(number) / Float(steps))
    return LossTerm("diversity", weight: -diversity * left, .picture)
  }
}
