/// Adds rows of equal length elementwise in the order of one balanced binary tree over the rows:
/// ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)).
///
/// This order is the definition of every sum over replicas. Where the number of rows is no power of
/// two, the left part of a tree is the largest full one.
package func treeSum(_ rows: [[Double]]) -> [Double] {
  func sum(_ range: Range<Int>) -> [Double] {
    guard range.count > 1 else { return range.isEmpty ? [] : rows[range.lowerBound] }
    let levels = Int.bitWidth - 1 - (range.count - 1).leadingZeroBitCount
    let middle = range.lowerBound + (1 << levels)
    return zip(sum(range.lowerBound..<middle), sum(middle..<range.upperBound)).map(+)
  }
  return sum(rows.indices)
}
