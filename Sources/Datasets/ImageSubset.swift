package import Images

/// A source without some of its images.
package struct ImageSubset: ImageSource {
  private let base: any ImageSource
  private let kept: [Int]
  private let leftOut: Int
  package let indexHash: IndexHash

  /// Leaves images out; the others keep their order.
  ///
  /// - Parameters:
  ///   - base: The source.
  ///   - leftOut: Numbers of images in the source.
  package init(_ base: any ImageSource, leavingOut leftOut: Set<Int>) {
    self.base = base
    self.leftOut = leftOut.count
    kept = (0..<base.count).filter { !leftOut.contains($0) }
    var hash = IndexHash()
    hash.add("\(base.indexHash)")
    for index in leftOut.sorted() { hash.add(base.name(of: index)) }
    indexHash = hash
  }

  package var count: Int { kept.count }

  package var summary: String { "\(base.summary), \(leftOut) of them left out" }

  package var contentKind: String { base.contentKind }

  package func knownChecksum(of index: Int) -> UInt32? { base.knownChecksum(of: kept[index]) }

  package func name(of index: Int) -> String { base.name(of: kept[index]) }

  package func location(of index: Int) -> String { base.location(of: kept[index]) }

  package func encodedImage(at index: Int) throws -> [UInt8] {
    try base.encodedImage(at: kept[index])
  }

  package func landmarks(of index: Int) -> FaceLandmarks? { base.landmarks(of: kept[index]) }
}
