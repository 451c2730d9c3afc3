package import TensorCore

/// A named vector that a network keeps beside its parameters and that no gradient changes.
package final class Buffer: @unchecked Sendable {
  /// The published name within the network, such as `local_fea1.norm.running_mean`.
  package let name: String
  /// The elements.
  package var value: Tensor

  /// Makes a buffer from its first value.
  package init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }
}
