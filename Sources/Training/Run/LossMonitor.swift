import Running

/// Watches the losses for what people would want to know: a discriminator that has won, and a loss
/// that leaves its recent range.
///
/// It warns once when an episode begins, and decides nothing.
package struct LossMonitor {
  /// The number of recent values that a new one is compared with.
  private static let window = 100
  /// So many values are needed for a range.
  private static let warmUp = 50
  /// Half the width of the range, in standard deviations of normally distributed values.
  private static let deviations = 10.0
  /// An episode ends after so many steps inside the range.
  private static let calmSteps = 20

  private let discriminatorWinsBelow: Double?
  private var recent: [String: [Double]] = [:]
  /// Steps since the loss was last outside its range, for each loss in an episode.
  private var calm: [String: Int] = [:]
  private var hasWon = false

  /// Starts without values.
  ///
  /// - Parameter discriminatorWinsBelow: The discriminator has won where its loss stays below this for
  ///   a whole window; nil watches for nothing of the kind.
  package init(discriminatorWinsBelow: Double? = 0.05) {
    self.discriminatorWinsBelow = discriminatorWinsBelow
  }

  /// Takes the losses of a step.
  ///
  /// - Returns: A warning for each episode that begins with it.
  package mutating func warnings(for losses: LossTerms) -> [String] {
    var warnings: [String] = []
    for (name, value) in losses where value.isFinite {
      var values = recent[name] ?? []
      if let warning = rangeWarning(name, value, values) { warnings.append(warning) }
      if values.count == Self.window { values.removeFirst() }
      values.append(value)
      recent[name] = values
    }
    if let warning = discriminatorWarning() { warnings.append(warning) }
    return warnings
  }

  /// The range is the median plus and minus a multiple of the median absolute deviation, which a few
  /// outliers do not move.
  private mutating func rangeWarning(
    _ name: String, _ value: Double, _ values: [Double]
  ) -> String? {
    guard values.count >= Self.warmUp else { return nil }
    let middle = median(values)
    let deviation = 1.4826 * median(values.map { abs($0 - middle) })
    // Losses that hardly vary are not held to their last digits.
    let reach = Self.deviations * max(deviation, abs(middle) / 100)
    guard abs(value - middle) > reach else {
      calm[name] = calm[name].flatMap { $0 + 1 < Self.calmSteps ? $0 + 1 : nil }
      return nil
    }
    defer { calm[name] = 0 }
    guard calm[name] == nil else { return nil }
    return "\(name) is \(value), outside of its recent range "
      + "\(middle - reach) to \(middle + reach)"
  }

  private mutating func discriminatorWarning() -> String? {
    guard let limit = discriminatorWinsBelow, let values = recent["discriminator"],
      values.count == Self.window
    else { return nil }
    if hasWon {
      hasWon = median(values) < limit
    } else if values.allSatisfy({ (0..<limit).contains($0) }) {
      hasWon = true
      return "the discriminator has won: its loss has been below \(limit) for "
        + "\(Self.window) steps, and the generator learns little from it"
    }
    return nil
  }
}
