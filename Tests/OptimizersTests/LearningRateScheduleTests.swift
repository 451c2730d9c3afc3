import Optimizers
import Testing

@Suite("Learning rate schedule")
struct LearningRateScheduleTests {
  /// The step that a milestone names is still a fast one; the next is the first slower one.
  @Test(arguments: [
    (1, 0.4), (9, 0.4), (10, 0.4), (11, 0.2), (12, 0.2), (20, 0.2), (21, 0.1), (22, 0.1),
    (1_000_000, 0.1),
  ])
  func stepsAroundMilestones(step: Int, rate: Double) {
    let schedule = LearningRateSchedule(initialRate: 0.4, milestones: [10, 20], decay: 0.5)
    #expect(schedule.rate(at: step) == rate)
  }

  @Test func withoutMilestonesTheRateStays() {
    let schedule = LearningRateSchedule(initialRate: 2e-4)
    for step in [1, 2, 1000, 10_000_000] { #expect(schedule.rate(at: step) == 2e-4) }
  }

  /// PyTorch's MultiStepLR multiplies once for each time that a milestone is listed.
  @Test func neighbouringAndRepeatedMilestones() {
    let schedule = LearningRateSchedule(initialRate: 1, milestones: [1, 2, 2], decay: 0.1)
    #expect(schedule.rate(at: 1) == 1)
    #expect(schedule.rate(at: 2) == 0.1)
    #expect(schedule.rate(at: 3) == 0.1 * 0.1 * 0.1)
  }

  /// The rate is a function of the step alone, so that a run which goes on has the same one.
  @Test func theRateNeverGrowsWithADecayBelowOne() {
    let schedule = LearningRateSchedule(initialRate: 1, milestones: [3, 5, 8], decay: 0.3)
    let rates = (1...12).map { schedule.rate(at: $0) }
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(Set(rates).count == 4)
  }
}
