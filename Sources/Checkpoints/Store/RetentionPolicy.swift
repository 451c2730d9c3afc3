/// Which checkpoints stay when a new one has been saved.
///
/// The newest valid checkpoint always stays, whatever the policy says.
package struct RetentionPolicy: Sendable, Equatable {
  /// A validation metric that marks the best checkpoints.
  package struct Best: Sendable, Equatable {
    /// The metric's name in `CheckpointState.validation`.
    package var metric: String
    /// Whether a larger value is better, as for PSNR.
    package var largerIsBetter: Bool
    /// How many of the best stay, at least 1.
    package var count: Int

    /// Names a metric.
    ///
    /// - Precondition: `count >= 1`.
    package init(metric: String, largerIsBetter: Bool, count: Int = 1) {
      precondition(count >= 1)
      self.metric = metric
      self.largerIsBetter = largerIsBetter
      self.count = count
    }
  }

  /// The number of newest checkpoints that stay, at least 1.
  package var keepLast: Int
  /// Checkpoints whose step is a multiple of this, but not 0, stay for ever; 0 for none.
  package var keepEvery: Int
  /// The newest checkpoint whose step is a multiple of this stays; 0 for no such rule.
  package var keepNewestMultiple: Int
  /// The best checkpoints by this metric stay, of two equals the newer one first; one without a
  /// score is none of them.
  package var best: Best?

  /// Describes a policy.
  ///
  /// - Precondition: `keepLast >= 1`; the others are not negative.
  package init(
    keepLast: Int = 3, keepEvery: Int = 0, keepNewestMultiple: Int = 0, best: Best? = nil
  ) {
    precondition(keepLast >= 1 && keepEvery >= 0 && keepNewestMultiple >= 0)
    self.keepLast = keepLast
    self.keepEvery = keepEvery
    self.keepNewestMultiple = keepNewestMultiple
    self.best = best
  }

  /// The steps to remove.
  ///
  /// - Parameters:
  ///   - steps: All steps there are, in any order.
  ///   - newestValid: The newest step that is known to be usable; it and all later ones stay.
  ///   - metric: The value of `best.metric` of a step, if it has one.
  /// - Returns: The steps, newest first.
  func removable(_ steps: [Int], newestValid: Int, metric: (Int) -> Double?) -> [Int] {
    let candidates = steps.filter { $0 <= newestValid }.sorted(by: >)
    var removable = candidates.dropFirst(keepLast).filter {
      keepEvery == 0 || $0 == 0 || !$0.isMultiple(of: keepEvery)
    }
    if keepNewestMultiple > 0 {
      let newest = candidates.first { $0.isMultiple(of: keepNewestMultiple) }
      removable.removeAll { $0 == newest }
    }
    if let best, !removable.isEmpty {
      let scores = candidates.compactMap { step -> (step: Int, score: Double)? in
        guard let value = metric(step), !value.isNaN else { return nil }
        return (step, best.largerIsBetter ? value : -value)
      }
      let winners = scores.sorted { ($0.score, $0.step) > ($1.score, $1.step) }.prefix(best.count)
      removable.removeAll { step in winners.contains { $0.step == step } }
    }
    return removable
  }
}
