/// Collects the values that cannot be used.
struct ConfigurationCheck {
  /// What was found so far.
  private(set) var problems: [ConfigurationProblem] = []

  /// Notes a problem unless `condition` holds.
  mutating func demand(
    _ condition: Bool, _ key: String, _ value: some CustomStringConvertible, _ reason: String,
    _ remedy: String
  ) {
    guard !condition else { return }
    problems.append(
      ConfigurationProblem(
        kind: .impossibleValue, origin: "", key: key, value: value.description, reason: reason,
        remedy: remedy))
  }

  /// Notes a problem unless `value` is in `range`, and says whether it is.
  ///
  /// Every number has an upper bound, so that arithmetic with those that pass cannot overflow.
  @discardableResult
  mutating func within(_ range: ClosedRange<Int>, _ value: Int, _ key: String) -> Bool {
    let isSmall = value < range.lowerBound
    demand(
      range.contains(value), key, value, "is too \(isSmall ? "small" : "large")",
      isSmall ? "use \(range.lowerBound) or more" : "use \(range.upperBound) or less")
    return range.contains(value)
  }

  /// Notes a problem unless `values` are the two ends of a range inside of `limits`.
  mutating func range<Number: Comparable & CustomStringConvertible>(
    _ values: [Number], within limits: ClosedRange<Number>, _ key: String, _ usual: String
  ) {
    let isRange = values.count == 2 && values[0] <= values[1] && values.allSatisfy(limits.contains)
    demand(
      isRange, key, "[" + values.map(\.description).joined(separator: ", ") + "]",
      "must be the least and the largest value, between \(limits.lowerBound) and "
        + "\(limits.upperBound)", "use \(usual)")
  }

  /// Notes a problem unless `value` is a number above zero.
  mutating func positive(_ value: Double, _ key: String) {
    demand(value > 0 && value.isFinite, key, value, "must be a number above 0", "use one")
  }

  /// Notes a problem unless `value` is a number and not below zero.
  mutating func notNegative(_ value: Double, _ key: String) {
    demand(value >= 0 && value.isFinite, key, value, "must be a number, 0 or more", "use one")
  }
}
