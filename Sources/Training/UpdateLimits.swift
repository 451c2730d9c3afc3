/// What the updates of a network leave as it is, or make smaller.
package struct UpdateLimits: Sendable {
  /// The largest norm of the mean gradient over all replicas, of all parameters together; 0 is none.
  package var clipNorm: Double
  /// Names of parameters that are not updated, such as `generator.start.*`.
  package var frozen: [String]

  /// Makes limits, by default none.
  package init(clipNorm: Double = 0, frozen: [String] = []) {
    (self.clipNorm, self.frozen) = (clipNorm, frozen)
  }

  /// Whether a parameter, named after its network, is not updated.
  package func freezes(_ name: String) -> Bool { frozen.contains { isMatch(name, pattern: $0) } }
}

/// Whether a name is what a pattern says, in which `*` stands for any characters.
func isMatch(_ name: some StringProtocol, pattern: some StringProtocol) -> Bool {
  guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
  let (head, rest) = (pattern[..<star], pattern[pattern.index(after: star)...])
  guard name.hasPrefix(head) else { return false }
  var tail = name.dropFirst(head.count)
  while true {
    if isMatch(tail, pattern: rest) { return true }
    guard !tail.isEmpty else { return false }
    tail = tail.dropFirst()
  }
}
