import Communication

/// One update within a step: networks that are updated from the gradients of one batch.
package struct ModelUpdate {
  /// What traces and messages call it, such as "critics 2".
  package let name: String
  /// The networks that it updates.
  package let networks: [TrainedNetwork]
  /// The losses that it reports, in order.
  package let losses: [LossTerm]
  /// It is made in every step whose number is a multiple of this.
  ///
  /// Lazy regularisation is an update of its own with an interval above 1.
  package let interval: Int
  /// Which of the step's batches it works on, counted from 0; several updates may share one.
  package let batch: Int

  /// Describes an update.
  ///
  /// - Precondition: `interval` is positive, `batch` not negative.
  package init(
    name: String, networks: [TrainedNetwork], losses: [LossTerm], interval: Int = 1, batch: Int = 0
  ) {
    precondition(interval > 0 && batch >= 0, "\(name): every \(interval) steps on batch \(batch)")
    (self.name, self.networks, self.losses) = (name, networks, losses)
    (self.interval, self.batch) = (interval, batch)
  }

  /// Whether a step makes the update; steps are counted from 1.
  package func isDue(at step: Int) -> Bool { step.isMultiple(of: interval) }

  /// Whether it updates a network.
  package func updates(_ network: TrainedNetwork) -> Bool { networks.contains { $0 === network } }

  /// The names of its losses, in order.
  package var lossNames: [String] { losses.map(\.name) }

  /// How long the last such update waited for the sums of its gradients, in seconds.
  package var exposedSeconds: Double {
    networks.reduce(0) { $0 + $1.gradients.exposedSeconds }
  }
}
