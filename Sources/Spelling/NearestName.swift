/// The name that takes the fewest typing errors to become `name`; the first of equals.
package func nearestName(to name: String, among candidates: [String]) -> String? {
  candidates.min { typingErrors(name, $0) < typingErrors(name, $1) }
}

/// The least number of letters to add, drop, change or swap with the next to turn `a` into `b`.
///
/// Upper and lower case, and `-` and `_`, count as the same. This is the optimal string alignment
/// distance: a pair of letters is swapped at most once.
package func typingErrors(_ a: String, _ b: String) -> Int {
  let a = foldedLetters(a)
  let b = foldedLetters(b)
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      let change = previous[j] + (a[i] == b[j] ? 0 : 1)
      var least = min(change, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        least = min(least, beforePrevious[j - 1] + 1)
      }
      current.append(least)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}

private func foldedLetters(_ name: String) -> [Character] {
  name.lowercased().map { $0 == "-" ? "_" : $0 }
}
