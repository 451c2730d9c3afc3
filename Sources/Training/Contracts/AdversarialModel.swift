package import Communication
package import Datasets
import Running
import Tracing

/// A kind of model that the trainer can train: networks that play against each other, their losses
/// and their step.
///
/// A model knows nothing of ranks: it hands over the gradients of one replica at a time, and the
/// trainer sums them over replicas and updates the networks. Whatever it is, its pictures meet its
/// discriminator in one function of it only, `judge`, so that what is done to all pictures that are
/// judged is written once.
package protocol AdversarialModel: AnyObject {
  /// The networks, the generator first.
  var networks: [TrainedNetwork] { get }

  /// The updates of a step, in order.
  var updates: [ModelUpdate] { get }

  /// The discriminator has won where its loss stays below this for long; nil where its loss does not
  /// tell.
  var discriminatorWinsBelow: Double? { get }

  /// Told before the updates of a step, counted from 1: for weights that follow a schedule.
  func beginStep(_ step: Int)

  /// Computes the losses of all replicas of this rank for one update, and hands the gradients over to
  /// the networks that it updates.
  ///
  /// - Parameters:
  ///   - update: Which of `updates`.
  ///   - batches: The batch of each replica, in order.
  ///   - report: Receives the losses of each replica, in order: those that the update announces.
  /// - Throws: What went wrong between the ranks.
  func computeGradients(
    for update: Int, ofReplicas batches: [ReplicaBatch], report: (LossTerms) -> Void
  ) throws

  /// How the model is scored and shown while it is trained; each rank prepares its share.
  ///
  /// - Parameters:
  ///   - data: What was held out of training.
  ///   - communicator: The ranks.
  /// - Returns: nil where there is nothing that it could be scored on or shown with.
  /// - Throws: What is wrong with a picture, naming its file.
  func makeValidation(
    on data: HeldOutData, communicator: any Communicator
  ) throws -> (any ModelValidation)?
}

extension AdversarialModel {
  /// Nothing follows a schedule.
  package func beginStep(_ step: Int) {}

  /// How many batches a step works on.
  package var batchesPerStep: Int { 1 + (updates.map(\.batch).max() ?? 0) }

  /// How many of the first steps' updates change a network.
  package func updateCount(of network: TrainedNetwork, inSteps steps: Int) -> Int {
    updates.reduce(0) { $0 + ($1.updates(network) ? steps / $1.interval : 0) }
  }

  /// The updates that a step makes, by their numbers.
  package func dueUpdates(at step: Int) -> [Int] {
    updates.indices.filter { updates[$0].isDue(at: step) }
  }

  /// The names of all losses of some updates, each once.
  package func lossNames(of indices: some Sequence<Int>) -> [String] {
    var names: [String] = []
    for name in indices.flatMap({ updates[$0].lossNames }) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// Computes the gradients of this rank's replicas and sums them over all ranks.
  ///
  /// - Parameters:
  ///   - batches: The batch of each replica of this rank, in order.
  ///   - index: Which of the updates of a step.
  ///   - report: Receives the losses of each replica, in order.
  /// - Throws: What went wrong between the ranks; `RunError` where the model reports other losses than
  ///   it announces.
  package func sumGradients(
    _ batches: [ReplicaBatch], for index: Int = 0, report: (LossTerms) -> Void
  ) throws {
    let update = updates[index]
    for network in update.networks { network.beginUpdate() }
    var reported: [String]?
    try computeGradients(for: index, ofReplicas: batches) { terms in
      let names = terms.map(\.name)
      if names != update.lossNames { reported = names }
      report(terms)
    }
    if let reported {
      throw RunError(
        .failure,
        "the update \"\(update.name)\" announces the losses \(update.lossNames.joined(separator: ", ")) "
          + "and reports \(reported.joined(separator: ", ")): this is a fault of the program",
        isShared: true)
    }
    StepPhase.enter("reduction", waits: true)
    for network in update.networks {
      try Trace.span("wait for the sums of \(network.name)", .communication) {
        try network.finish()
      }
    }
    for network in update.networks { network.traceReduction() }
  }

  /// Updates networks from the summed gradients.
  ///
  /// - Parameters:
  ///   - index: Which of the updates of a step.
  ///   - step: The step, counted from 1.
  package func update(_ index: Int = 0, step: Int) {
    Trace.span("optimiser") {
      let update = updates[index]
      for network in update.networks {
        // A regularisation that comes now and then does not stand for the gradients of the game.
        if update.interval == 1 { network.noteGradientNorm() }
        network.update(step: step)
      }
    }
  }
}
