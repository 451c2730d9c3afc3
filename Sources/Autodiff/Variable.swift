package import TensorCore

/// A tensor and how it was computed.
///
/// A variable without a node is a constant: nothing is recorded about what is computed from
/// constants alone.
package struct Variable: Sendable {
  /// The elements.
  package let value: Tensor
  let node: Node?

  /// A constant.
  package init(_ value: Tensor) {
    self.value = value
    node = nil
  }

  init(_ value: Tensor, node: Node?) {
    self.value = value
    self.node = node
  }

  /// The start of a graph: a variable that gradients can be asked for.
  package static func leaf(_ value: Tensor) -> Variable {
    Variable(value, node: Node(inputs: []))
  }

  /// True where gradients flow through this variable.
  package var requiresGradient: Bool { node != nil }

  /// The same elements, as a constant.
  package var detached: Variable { Variable(value) }

  /// The extents of the axes.
  package var shape: Shape { value.shape }
}

/// Whether operations are recorded in this task.
package enum Recording {
  /// False while a forward pass needs no gradients, or while a backward pass needs no second ones.
  @TaskLocal package static var isOn = true

  /// Computes without recording.
  package static func off<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isOn.withValue(false, operation: body)
  }
}
