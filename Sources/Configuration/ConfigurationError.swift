/// One thing that is wrong with a configuration, and what to do about it.
package struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
  /// What kind of thing is wrong.
  package enum Kind: Sendable {
    /// The file cannot be read.
    case unreadable
    /// The text is not YAML, is empty or is no mapping of keys.
    case malformed
    /// A key is given twice.
    case duplicateKey
    /// There is no such key.
    case unknownKey
    /// The value is of another type than the key's, or none of its names.
    case wrongType
    /// The value is of the right type and cannot be used, or not together with another.
    case impossibleValue
  }

  /// What kind of thing is wrong.
  package var kind: Kind

  /// Where it stands: `FILE`, `FILE:LINE` or `--set KEY=VALUE`; empty for the resolved whole.
  package var origin: String

  /// The key's path, such as `training.batch`; empty where the problem is not in one key.
  package var key: String

  /// The value found, as text; empty where there is none.
  package var value: String

  /// What is wrong, as a clause that follows the key and the value.
  package var reason: String

  /// What to do, as an imperative clause; empty where the reason already says so.
  package var remedy: String

  /// The problem in one line: origin, key and value, reason, remedy.
  package var description: String {
    let subject = value.isEmpty ? key : "\(key) = \(value)"
    let clause = remedy.isEmpty ? reason : "\(reason); \(remedy)"
    return [origin, subject, clause].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}

/// A configuration that cannot be used, with all that is known to be wrong with it.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in the order of the keys; never empty.
  package var problems: [ConfigurationProblem]

  /// The problems, one a line.
  package var description: String {
    problems.count == 1
      ? problems[0].description
      : "the configuration has \(problems.count) problems:"
        + problems.map { "\n  \($0)" }.joined()
  }
}
