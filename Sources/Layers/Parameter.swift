package import Autodiff
package import TensorCore

/// A named tensor that training changes.
///
/// Its memory may be a slice of a network's flat parameter memory, see `ParameterArena`.
package final class Parameter: @unchecked Sendable {
  /// The published name within the network, such as `blocks.0.c1.weight`.
  package let name: String
  /// The elements.
  package private(set) var value: Tensor
  private var variables: [Variable]

  /// Makes a parameter from its first value, plain layout.
  package init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
    variables = [.leaf(value)]
  }

  /// The elements, as the start of a graph.
  package var variable: Variable { variables[0] }

  /// The elements, as the start of the part of a graph that belongs to one replica.
  ///
  /// Replicas that are computed in one graph have a start each, so that each has its own gradient.
  ///
  /// - Parameter replica: Counts the replicas of this rank, from 0.
  /// - Returns: The same variable each time, until the memory moves.
  package func variable(ofReplica replica: Int) -> Variable {
    while variables.count <= replica { variables.append(.leaf(value)) }
    return variables[replica]
  }

  /// The extents of the axes.
  package var shape: Shape { value.shape }

  /// Copies the elements into other memory and uses it from now on.
  func move(to storage: Storage) {
    let moved = Tensor(shape: shape, storage: storage)
    moved.mutablePointer.update(from: value.pointer, count: shape.elementCount)
    value = moved
    variables = [.leaf(moved)]
  }

  /// Replaces the elements.
  ///
  /// - Precondition: The count stays.
  package func setElements(_ elements: [Float]) {
    precondition(elements.count == shape.elementCount, "\(name) has \(shape.elementCount) elements")
    elements.withUnsafeBufferPointer { source in
      guard let first = source.baseAddress else { return }
      value.mutablePointer.update(from: first, count: source.count)
    }
    value.storage.contentsChanged()
  }
}
