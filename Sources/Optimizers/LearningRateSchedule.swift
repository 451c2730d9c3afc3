/// A learning rate that rises evenly at the start and is multiplied by a factor at each milestone.
package struct LearningRateSchedule: Sendable, Equatable {
  /// The rate before the first milestone.
  package let initialRate: Double
  /// Steps after which the rate is multiplied, in increasing order.
  package let milestones: [Int]
  /// The factor.
  package let decay: Double
  /// Steps over which the rate rises from 0; 0 for none.
  package let warmup: Int

  /// Makes a schedule.
  package init(
    initialRate: Double, milestones: [Int] = [], decay: Double = 0.5, warmup: Int = 0
  ) {
    (self.initialRate, self.milestones, self.decay) = (initialRate, milestones, decay)
    self.warmup = warmup
  }

  /// The rate of a step, counted from 1: the first step after a milestone is the first slower one.
  package func rate(at step: Int) -> Double {
    let rate = milestones.filter { $0 < step }.reduce(initialRate) { rate, _ in rate * decay }
    return step < warmup ? rate * Double(step) / Double(warmup) : rate
  }
}
