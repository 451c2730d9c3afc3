import TensorCore
import Testing
import Training

@Suite struct LossMonitorTests {
  /// A loss with noise of a tenth of its value, and a drawn discriminator, with changes at some steps.
  private func warnings(
    steps: Int, seed: UInt64 = 1, change: (Int, inout Double, inout Double) -> Void
  ) -> [Int: [String]] {
    var random = CounterBasedRandom(seed: seed, purpose: .test)
    var monitor = LossMonitor()
    var warnings: [Int: [String]] = [:]
    for step in 1...steps {
      var pixel = Double(random.uniform(0.9, 1.1))
      var discriminator = Double(random.uniform(0.4, 0.9))
      change(step, &pixel, &discriminator)
      let found = monitor.warnings(
        for: [("pixel", pixel), ("discriminator", discriminator)])
      if !found.isEmpty { warnings[step] = found }
    }
    return warnings
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func noiseDriftAndOutliersAreUsual(seed: UInt64) {
    let found = warnings(steps: 1000, seed: seed) { step, pixel, _ in
      pixel *= 1 / (1 + Double(step) / 200)
      if step % 50 == 0 { pixel *= 6 }
    }
    #expect(found.isEmpty)
  }

  /// The game's own losses go up and down: a hundredfold is no reason to warn.
  @Test func lossesOfTheGameHaveNoRange() {
    let found = warnings(steps: 1000) { step, _, discriminator in
      if (step / 60).isMultiple(of: 2) { discriminator *= 100 }
    }
    #expect(found.isEmpty)
  }

  @Test func anEpisodeIsToldOnceAndSaysWhatToDo() {
    let found = warnings(steps: 900) { step, pixel, _ in
      if (200..<230).contains(step) || (600...).contains(step) { pixel *= 4 }
    }
    #expect(found.keys.sorted() == [209, 609])
    #expect(found[209]?.first?.contains("pixel") == true)
    #expect(found[209]?.first?.contains("optimizer.learning_rate") == true)
  }

  @Test func aDiscriminatorThatHasWonIsToldOnce() {
    let found = warnings(steps: 900) { step, _, discriminator in
      if (200..<500).contains(step) || (700...).contains(step) { discriminator *= 0.01 }
    }
    #expect(found.keys.sorted() == [299, 799])
    #expect(found[299]?[0].contains("won") == true)
  }

  @Test func aDiscriminatorThatTellsNothingIsToldOnce() {
    var monitor = LossMonitor()
    // At first it cannot tell much, which is no reason to warn.
    let found = (1...1200).flatMap { step in
      let gap = step > 300 && step < 650 ? 0.2 : 0.001
      return monitor.warnings(for: [("real_score", 0.5 + gap), ("fake_score", 0.5)])
        .map { (step, $0) }
    }
    #expect(found.map(\.0) == [700])
    #expect(found.first?.1.contains("tells nothing") == true)
  }

  @Test func memoryIsToldAfterThreeValidations() {
    var monitor = LossMonitor()
    func validate(_ training: Double, _ heldOut: Double) -> [String] {
      monitor.warnings(
        forValidation: [("psnr", 20), ("training_real_share", training), ("real_share", heldOut)])
    }
    for _ in 1...5 { #expect(validate(0.8, 0.7).isEmpty) }
    #expect(validate(0.9, 0.5).isEmpty)
    #expect(validate(0.9, 0.5).isEmpty)
    let told = validate(0.95, 0.5)
    #expect(told.count == 1 && told[0].contains("95 %") && told[0].contains("50 %"))
    #expect(validate(0.95, 0.5).isEmpty)
  }

  @Test func numbersThatAreNotFiniteAreLeftToOthers() {
    let found = warnings(steps: 300) { step, pixel, _ in
      if step % 7 == 0 { pixel = step % 2 == 0 ? .nan : .infinity }
    }
    #expect(found.isEmpty)
  }
}
