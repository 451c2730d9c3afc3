import Synchronization

private let nodeCount = Atomic<Int>(0)

/// A place in the graph: which nodes a value came from, and how gradients go back to them.
///
/// A graph is built and walked by one task at a time.
final class Node: @unchecked Sendable {
  /// Counts nodes in the order of their making: inputs always have smaller numbers.
  let sequence: Int
  /// The nodes of the operation's inputs; nil for constants.
  private(set) var inputs: [Node?]
  /// Gradients by the inputs from the gradient by the output; nil for a leaf.
  var backward: ((_ outputGradient: Variable, _ needs: [Bool]) -> [Variable?])?

  init(inputs: [Node?]) {
    self.inputs = inputs
    sequence = nodeCount.add(1, ordering: .relaxed).newValue
  }

  /// Gives up what the operation has kept for its backward.
  func release() {
    guard backward != nil else { return }
    backward = nil
    inputs = []
  }

  /// Unlinks chains of nodes one by one: nested deinitialisation of a deep graph would use up the stack.
  deinit {
    var orphans = inputs.compactMap { $0 }
    inputs = []
    backward = nil
    while var node = orphans.popLast() {
      guard isKnownUniquelyReferenced(&node) else { continue }
      orphans.append(contentsOf: node.inputs.compactMap { $0 })
      node.inputs = []
    }
  }
}
