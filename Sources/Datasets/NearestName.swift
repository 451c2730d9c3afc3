/// The name that a misspelt one was most likely meant to be, capitals aside; nil without
/// candidates.
func nearestName(to name: String, among candidates: [String]) -> String? {
  let wanted = Array(name.lowercased().utf8)
  return candidates.min {
    editDistance(wanted, Array($0.lowercased().utf8))
      < editDistance(wanted, Array($1.lowercased().utf8))
  }
}

/// Insertions, deletions and replacements that turn one text into another (Levenshtein distance).
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  var previous = Array(0...second.count)
  for (row, byte) in first.enumerated() {
    var current = [row + 1]
    for (column, other) in second.enumerated() {
      current.append(
        min(
          previous[column + 1] + 1, current[column] + 1, previous[column] + (byte == other ? 0 : 1))
      )
    }
    previous = current
  }
  return previous[second.count]
}
