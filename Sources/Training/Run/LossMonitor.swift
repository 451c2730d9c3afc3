import Running

/// Watches a run's numbers for what people would want to know: losses of the pictures that stay much
/// higher than they were, a discriminator that has won or tells nothing, and one that remembers its
/// pictures.
///
/// A warning is rare, comes once when an episode begins, and says what to do. It decides nothing. Losses
/// of the game between the networks have no usual range: they go up where the other side learns.
package struct LossMonitor {
  /// The number of recent values that are looked at.
  private static let window = 100
  /// So many values are needed before something can be unusual.
  private static let warmUp = 50
  /// A picture's loss is high where it is so many times the median of the recent ones.
  private static let factor = 2.0
  /// It is also so many of their deviations above it.
  private static let deviations = 10.0
  /// An episode begins after so many high steps in a row.
  private static let highSteps = 10
  /// An episode ends after so many steps that are not high.
  private static let calmSteps = 100
  /// The discriminator remembers its pictures where the share of them that it takes for originals is so
  /// much above that of held-out ones.
  private static let memoryGap = 0.25
  /// It is told after so many such validations in a row.
  private static let memoryValidations = 3

  /// In a run's first steps no discriminator tells much.
  private static let openingSteps = 500

  private let pictureLosses: Set<String>
  private let discriminatorWinsBelow: Double?
  /// Recent values; those of an episode of a picture's loss are left out.
  private var recent: [String: [Double]] = [:]
  private var highRuns: [String: Int] = [:]
  /// Steps that a loss in an episode has not been high.
  private var calm: [String: Int] = [:]
  private var hasWon = false
  private var tellsNothing = false
  private var steps = 0
  private var validationsWithMemory = 0

  /// Starts without values.
  ///
  /// - Parameters:
  ///   - pictureLosses: The losses that compare pictures, which only fall where all is well.
  ///   - discriminatorWinsBelow: The discriminator has won where its loss stays below this for a whole
  ///     window; nil watches for nothing of the kind.
  package init(pictureLosses: Set<String> = ["pixel"], discriminatorWinsBelow: Double? = 0.05) {
    self.pictureLosses = pictureLosses
    self.discriminatorWinsBelow = discriminatorWinsBelow
  }

  /// Takes the losses of a step.
  ///
  /// - Returns: A warning for each episode that begins with it.
  package mutating func warnings(for losses: LossTerms) -> [String] {
    var warnings: [String] = []
    steps += 1
    for (name, value) in losses where value.isFinite {
      if pictureLosses.contains(name) {
        if let warning = heightWarning(name, value) { warnings.append(warning) }
      } else {
        keep(name, value)
      }
    }
    return warnings + [victoryWarning(), stalemateWarning()].compactMap { $0 }
  }

  /// Takes the scores of a validation.
  ///
  /// - Returns: A warning where an episode begins with it.
  package mutating func warnings(
    forValidation scores: [(name: String, value: Double)]
  ) -> [String] {
    func score(_ name: String) -> Double? { scores.first { $0.name == name }?.value }
    guard let training = score("training_real_share"), let heldOut = score("real_share") else {
      return []
    }
    validationsWithMemory = training - heldOut > Self.memoryGap ? validationsWithMemory + 1 : 0
    guard validationsWithMemory == Self.memoryValidations else { return [] }
    return [
      "the discriminator remembers training pictures: it takes "
        + "\(percent(training)) of them for originals, and \(percent(heldOut)) of held-out ones; "
        + "give it more pictures, or set adversarial.augment or adversarial.r1"
    ]
  }

  private mutating func keep(_ name: String, _ value: Double) {
    var values = recent[name] ?? []
    if values.count == Self.window { values.removeFirst() }
    values.append(value)
    recent[name] = values
  }

  /// The recent values' median and median absolute deviation, which a few outliers do not move, say what
  /// is usual.
  private mutating func heightWarning(_ name: String, _ value: Double) -> String? {
    guard let values = recent[name], values.count >= Self.warmUp else {
      keep(name, value)
      return nil
    }
    let middle = median(values)
    let deviation = 1.4826 * median(values.map { abs($0 - middle) })
    let isHigh = value > max(Self.factor * middle, middle + Self.deviations * deviation)
    highRuns[name] = isHigh ? (highRuns[name] ?? 0) + 1 : 0
    if isHigh {
      if calm[name] != nil { calm[name] = 0 }
    } else {
      keep(name, value)
      calm[name] = calm[name].flatMap { $0 + 1 < Self.calmSteps ? $0 + 1 : nil }
    }
    guard highRuns[name] == Self.highSteps, calm[name] == nil else { return nil }
    calm[name] = 0
    return "\(name) has been above \(Self.factor) times its usual value for "
      + "\(Self.highSteps) steps: it is \(value), and was about \(middle); look at the sample "
      + "sheets, and if it stays, go back to an earlier checkpoint with a lower "
      + "optimizer.learning_rate"
  }

  private mutating func victoryWarning() -> String? {
    guard let limit = discriminatorWinsBelow, let values = recent["discriminator"],
      values.count == Self.window
    else { return nil }
    if hasWon {
      hasWon = median(values) < limit
    } else if values.allSatisfy({ (0..<limit).contains($0) }) {
      hasWon = true
      return "the discriminator has won: its loss has been below \(limit) for "
        + "\(Self.window) steps, and the generator learns little from it; see "
        + "docs/models/adversarial.md for what keeps it in the game"
    }
    return nil
  }

  /// A discriminator takes as many originals as composites for originals.
  private mutating func stalemateWarning() -> String? {
    guard let real = recent["real_score"], let fake = recent["fake_score"],
      real.count == Self.window, steps > Self.openingSteps
    else { return nil }
    let gap = median(zip(real, fake).map { $0 - $1 })
    if tellsNothing {
      tellsNothing = gap < 0.02
    } else if median(real) > 0, gap < 0.005 {
      tellsNothing = true
      return "the discriminator tells nothing: originals and composites have scored alike for "
        + "\(Self.window) steps; lower adversarial.r1, or raise its learning rate"
    }
    return nil
  }

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
}
