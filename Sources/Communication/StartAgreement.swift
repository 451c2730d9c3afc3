/// What all ranks must have in common before the first step: an ordered list of keys and values.
///
/// Typical entries: the hash of the effective configuration, the code version, the hash of the data
/// index, the element type, the number of threads, the fingerprints of the bucket plans.
package struct StartAgreement: Sendable {
  /// A key that not all ranks give the same value.
  package struct Difference: Equatable, Sendable, CustomStringConvertible {
    /// The key.
    package let key: String
    /// The values and the ranks that have them, in the order of each value's first rank.
    package let values: [Holders]

    /// Names the key, the values and the ranks.
    package var description: String {
      let list = values.map { "\($0.value) on \(ranksText($0.ranks))" }
      return "\(key) is " + list.joined(separator: ", but ")
    }
  }

  /// The ranks that have a value.
  package struct Holders: Equatable, Sendable {
    /// The value.
    package let value: String
    /// The ranks.
    package let ranks: [Int]
  }

  private static let absent = "(absent)"
  private var entries: [(key: String, value: String)] = []

  /// Starts with no entries.
  package init() {}

  /// Adds an entry; a key is added once.
  package mutating func add(_ key: String, _ value: String) {
    precondition(!entries.contains { $0.key == key }, "\(key) is part of the agreement already")
    entries.append((key, value))
  }

  /// Compares the entries of all ranks; collective.
  ///
  /// - Returns: The keys that differ, the same list on every rank.
  package func differences(
    _ communicator: any Communicator
  ) throws(CommunicationError) -> [Difference] {
    let lists = try communicator.allGather(encoded()).map(Self.decoded)
    var keys: [String] = []
    for list in lists { for (key, _) in list where !keys.contains(key) { keys.append(key) } }
    var differences: [Difference] = []
    for key in keys {
      let values = lists.map { list in list.first { $0.0 == key }?.1 ?? Self.absent }
      guard Set(values).count > 1 else { continue }
      var distinct: [String] = []
      for value in values where !distinct.contains(value) { distinct.append(value) }
      let holders = distinct.map { value in
        Holders(value: value, ranks: values.indices.filter { values[$0] == value })
      }
      differences.append(Difference(key: key, values: holders))
    }
    return differences
  }

  /// Makes sure that all ranks have the same entries; collective.
  ///
  /// - Throws: On every rank, a disagreement that names each key, its values and their ranks.
  package func check(_ communicator: any Communicator) throws(CommunicationError) {
    let differences = try differences(communicator)
    guard !differences.isEmpty else { return }
    throw CommunicationError(
      .disagreement,
      "the ranks do not agree: " + differences.map(\.description).joined(separator: "; ")
        + ". Start all ranks with the same program, configuration and data.")
  }

  private func encoded() -> [UInt8] {
    Array(entries.flatMap { [$0.key, $0.value] }.joined(separator: "\0").utf8)
  }

  private static func decoded(_ bytes: [UInt8]) -> [(String, String)] {
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    return stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
  }
}

/// Names ranks in words, with consecutive ones as a range: "rank 1", "ranks 0, 4-7".
func ranksText(_ ranks: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for rank in ranks.sorted() {
    if let last = runs.last, last.upperBound == rank - 1 {
      runs[runs.count - 1] = last.lowerBound...rank
    } else {
      runs.append(rank...rank)
    }
  }
  let list = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
  return (ranks.count == 1 ? "rank " : "ranks ") + list.joined(separator: ", ")
}
