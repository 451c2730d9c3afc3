import Foundation
import Optimizers
import TestSupport
import Testing

@Suite("Learning rate schedule")
struct LearningRateScheduleTests {
  /// The step that a milestone names is still a fast one; the next is the first slower one.
  @Test(arguments: [
    (1, 0.4), (9, 0.4), (10, 0.4), (11, 0.2), (12, 0.2), (20, 0.2), (21, 0.1), (22, 0.1),
    (1_000_000, 0.1),
  ])
  func stepsAroundMilestones(step: Int, rate: Double) {
    let schedule = LearningRateSchedule(
      initialRate: 0.4, fall: .atMilestones([10, 20], factor: 0.5))
    #expect(schedule.rate(at: step) == rate)
  }

  @Test func withoutMilestonesTheRateStays() {
    let schedule = LearningRateSchedule(initialRate: 2e-4)
    for step in [1, 2, 1000, 10_000_000] { #expect(schedule.rate(at: step) == 2e-4) }
  }

  /// PyTorch's MultiStepLR multiplies once for each time that a milestone is listed.
  @Test func neighbouringAndRepeatedMilestones() {
    let schedule = LearningRateSchedule(
      initialRate: 1, fall: .atMilestones([1, 2, 2], factor: 0.1))
    #expect(schedule.rate(at: 1) == 1)
    #expect(schedule.rate(at: 2) == 0.1)
    #expect(schedule.rate(at: 3) == 0.1 * 0.1 * 0.1)
  }

  /// The rate is a function of the step alone, so that a run which goes on has the same one.
  @Test func theRateNeverGrowsWithADecayBelowOne() {
    let schedule = LearningRateSchedule(
      initialRate: 1, fall: .atMilestones([3, 5, 8], factor: 0.3))
    let rates = (1...12).map { schedule.rate(at: $0) }
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(Set(rates).count == 4)
  }

  /// PyTorch's rates step by step, by Tests/Comparisons/optimizer_fixtures.py.
  @Test(arguments: [
    ("steps", LearningRateSchedule.Fall.atMilestones([3, 7], factor: 0.5)),
    ("cosine", .cosine(steps: 12, finalShare: 0.1)),
    ("cosine_to_zero", .cosine(steps: 12, finalShare: 0)),
    ("linear", .linear(steps: 12, finalShare: 0.25)),
  ])
  func ratesAreThoseOfPyTorch(name: String, fall: LearningRateSchedule.Fall) throws {
    let file = URL(fileURLWithPath: Fixture.directory(of: "optimizers", holding: "schedules"))
      .appending(path: "schedules.json")
    let all = try JSONDecoder().decode([String: [Double]].self, from: Data(contentsOf: file))
    let expected = try #require(all[name])
    let schedule = LearningRateSchedule(initialRate: 0.4, fall: fall)
    for (index, rate) in expected.enumerated() {
      #expect(abs(schedule.rate(at: index + 1) - rate) <= 1e-12, "step \(index + 1)")
    }
  }

  /// Beyond the last step the rate stays; a rise comes on top of any fall.
  @Test func endsAndRises() {
    let linear = LearningRateSchedule(initialRate: 1, fall: .linear(steps: 10, finalShare: 0.5))
    #expect(linear.rate(at: 11) == 0.5 && linear.rate(at: 1000) == 0.5)
    let cosine = LearningRateSchedule(
      initialRate: 1, fall: .cosine(steps: 10, finalShare: 0), warmup: 4)
    let whole = LearningRateSchedule(initialRate: 1, fall: .cosine(steps: 10, finalShare: 0))
    for step in 1...4 {
      #expect(cosine.rate(at: step) == whole.rate(at: step) * Double(step) / 4)
    }
    #expect(cosine.rate(at: 5) == whole.rate(at: 5))
  }
}
