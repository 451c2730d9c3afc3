import Communication
import Datasets
import Foundation
import Layers
import Running
import TensorCore

/// A fault that a test causes on purpose.
///
/// The environment variable `INPAINT_INJECT` asks for it: `pictures:replica=3,batch=5` gives replica 3
/// pictures that are not numbers in the run's fifth batch; `weights:replica=3,batch=5` destroys, before
/// that batch, the generator's weights on the rank that hosts replica 3.
struct FaultInjection {
  private enum Target: Substring {
    case pictures, weights
  }

  private let target: Target
  private let replica: Int
  /// Counted from 1, over the whole run.
  private let batch: Int

  /// Reads the environment; nil where it asks for nothing.
  ///
  /// - Throws: `RunError` where what it asks for is not understood.
  init?(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    guard let text = environment["INPAINT_INJECT"] else { return nil }
    let pattern = /(pictures|weights):replica=([0-9]+),batch=([0-9]+)/
    guard let match = try pattern.wholeMatch(in: text), let target = Target(rawValue: match.1),
      let replica = Int(match.2), let batch = Int(match.3)
    else {
      throw RunError(
        .usage,
        "INPAINT_INJECT=\(text): not understood; write pictures:replica=R,batch=B or weights:...")
    }
    (self.target, self.replica, self.batch) = (target, replica, batch)
  }

  /// Causes the fault where its time has come.
  ///
  /// - Parameters:
  ///   - batches: What this rank's replicas work on.
  ///   - number: The number of the batch in the run, from 1.
  ///   - model: Whose weights may be destroyed.
  /// - Returns: What they work on instead.
  func applied(
    to batches: [ReplicaBatch], number: Int, model: any AdversarialModel
  ) -> [ReplicaBatch] {
    guard number == batch, batches.contains(where: { $0.replica == replica }) else {
      return batches
    }
    switch target {
    case .weights:
      let arena = model.networks[0].arena
      arena.values.mutablePointer.update(repeating: .nan, count: arena.count)
      arena.valuesChanged()
      return batches
    case .pictures:
      return batches.map { batch in
        guard batch.replica == replica else { return batch }
        return ReplicaBatch(
          replica: replica, number: batch.number,
          images: Tensor(repeating: .nan, shape: batch.images.shape),
          masks: batch.masks, boxes: batch.boxes, sampleIndices: batch.sampleIndices,
          names: batch.names)
      }
    }
  }
}
