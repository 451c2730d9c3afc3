package import TensorCore

/// The parameters of a network in one flat piece of memory.
///
/// Gradients and optimiser moments are kept in arrays of the same order and size.
package final class ParameterArena {
  /// The parameters, whose memory are slices of `values`.
  package let parameters: [Parameter]
  /// All elements, [count].
  package let values: Tensor
  /// Where each parameter's elements lie in `values`.
  package let ranges: [Range<Int>]

  /// Moves parameters into one piece of memory.
  ///
  /// - Parameters:
  ///   - parameters: The parameters.
  ///   - ranges: Where each one's elements go; elements between them are zero.
  ///   - count: Number of elements in all.
  package init(_ parameters: [Parameter], ranges: [Range<Int>], count: Int) {
    self.parameters = parameters
    self.ranges = ranges
    values = Tensor(repeating: 0, shape: [count])
    for (parameter, range) in zip(parameters, ranges) {
      parameter.move(
        to: Storage(
          sliceOf: values.storage, byteOffset: range.lowerBound * 4, byteCount: range.count * 4))
    }
  }

  /// Number of elements.
  package var count: Int { values.shape.elementCount }

  /// Drops what was derived from the parameters: to be called after they have changed.
  package func valuesChanged() {
    for parameter in parameters { parameter.value.storage.contentsChanged() }
  }
}
