import Foundation

/// A learning rate that rises evenly at the start, and falls in one of several ways.
package struct LearningRateSchedule: Sendable, Equatable {
  /// How the rate falls.
  package enum Fall: Sendable, Equatable {
    /// It is multiplied by a factor after each of some steps, which are in rising order.
    case atMilestones([Int], factor: Double)
    /// It follows half a period of the cosine over so many steps, down to a share of itself.
    case cosine(steps: Int, finalShare: Double)
    /// It falls evenly over so many steps, down to a share of itself.
    case linear(steps: Int, finalShare: Double)
  }

  /// The rate before it falls.
  package let initialRate: Double
  /// How it falls.
  package let fall: Fall
  /// Steps over which the rate rises from 0; 0 for none.
  package let warmup: Int

  /// Makes a schedule.
  package init(initialRate: Double, fall: Fall = .atMilestones([], factor: 1), warmup: Int = 0) {
    (self.initialRate, self.fall, self.warmup) = (initialRate, fall, warmup)
  }

  /// The rate of a step, counted from 1: the first step after a milestone is the first slower one, and the
  /// first step of all has the whole rate where nothing rises.
  ///
  /// - Reference: PyTorch's MultiStepLR, CosineAnnealingLR and LinearLR, called after each step.
  package func rate(at step: Int) -> Double {
    let rate =
      switch fall {
      case .atMilestones(let milestones, let factor):
        milestones.filter { $0 < step }.reduce(initialRate) { rate, _ in rate * factor }
      case .cosine(let steps, let share):
        initialRate * (share + (1 - share) * (1 + cos(.pi * progress(step, of: steps))) / 2)
      case .linear(let steps, let share):
        initialRate * (1 + (share - 1) * progress(step, of: steps))
      }
    return step < warmup ? rate * Double(step) / Double(warmup) : rate
  }

  private func progress(_ step: Int, of steps: Int) -> Double {
    Double(min(step - 1, steps)) / Double(max(steps, 1))
  }
}
