/// The extents of a tensor's axes; `[]` is a scalar, feature maps are [N, C, H, W].
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extent of each axis.
  package let dimensions: [Int]

  /// Makes a shape from the extent of each axis.
  package init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative extent: \(dimensions)")
    self.dimensions = dimensions
  }

  /// Makes a shape from a list of extents.
  package init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  /// Number of axes.
  package var axisCount: Int { dimensions.count }

  /// Number of elements.
  package var elementCount: Int { dimensions.reduce(1, *) }

  /// The extent of one axis.
  package subscript(axis: Int) -> Int { dimensions[axis] }

  package var description: String { "\(dimensions)" }
}
