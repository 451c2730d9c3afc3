/// A learning rate that is multiplied by a factor at each milestone.
package struct LearningRateSchedule: Sendable, Equatable {
  /// The rate before the first milestone.
  package let initialRate: Double
  /// Steps after which the rate is multiplied, in increasing order.
  package let milestones: [Int]
  /// The factor.
  package let decay: Double

  /// Makes a schedule.
  package init(initialRate: Double, milestones: [Int] = [], decay: Double = 0.5) {
    (self.initialRate, self.milestones, self.decay) = (initialRate, milestones, decay)
  }

  /// The rate of a step, counted from 1: the first step after a milestone is the first slower one.
  package func rate(at step: Int) -> Double {
    milestones.filter { $0 < step }.reduce(initialRate) { rate, _ in rate * decay }
  }
}
