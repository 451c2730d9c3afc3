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
  func noiseAndSlowDriftAreUsual(seed: UInt64) {
    let found = warnings(steps: 1000, seed: seed) { step, pixel, _ in
      pixel *= 1 / (1 + Double(step) / 200)
    }
    #expect(found.isEmpty)
  }

  @Test func anOutlierIsToldAtItsStep() {
    let found = warnings(steps: 400) { step, pixel, _ in if step == 200 { pixel = 5 } }
    #expect(found.keys.sorted() == [200])
    #expect(found[200]?.first?.hasPrefix("pixel is 5.0, outside of its recent range") == true)
  }

  @Test func anEpisodeIsToldOnce() {
    let found = warnings(steps: 600) { step, pixel, _ in
      if (200..<210).contains(step) || (400...).contains(step) { pixel *= 4 }
    }
    #expect(found.keys.sorted() == [200, 400])
  }

  @Test func aDiscriminatorThatHasWonIsToldOnce() {
    let found = warnings(steps: 900) { step, _, discriminator in
      if (200..<500).contains(step) || (700...).contains(step) { discriminator *= 0.01 }
    }
    #expect(found.keys.sorted().filter { found[$0]?[0].contains("won") == true } == [299, 799])
  }

  @Test func numbersThatAreNotFiniteAreLeftToOthers() {
    let found = warnings(steps: 300) { step, pixel, _ in
      if step % 7 == 0 { pixel = step % 2 == 0 ? .nan : .infinity }
    }
    #expect(found.isEmpty)
  }
}
