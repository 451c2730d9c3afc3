package import TensorCore

/// A differentiable operation: hyper-parameters, forward and backward in one type.
///
/// Forward may use any kernel. Backward is written with operations on variables, so that it can be
/// differentiated in turn; while no graph is recorded it may take a fused kernel instead, and an
/// operation that does so tests both ways against each other.
package protocol Operation: Sendable {
  /// What backward needs, and nothing else: variables where second derivatives pass through.
  associatedtype Saved: Sendable

  /// True where backward needs the result; it is then kept and handed over.
  var keepsOutput: Bool { get }

  /// Computes the result.
  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Saved)

  /// The gradients by the inputs, given the gradient by the output.
  ///
  /// - Parameters:
  ///   - outputGradient: Shaped like the output.
  ///   - saved: What forward kept.
  ///   - output: The result, where `keepsOutput` is true.
  ///   - needs: For each input, whether its gradient is wanted; others may be nil.
  /// - Returns: One gradient for each input.
  func backward(_ outputGradient: Variable, _ saved: Saved, output: Variable?, needs: [Bool])
    -> [Variable?]
}

extension Operation {
  package var keepsOutput: Bool { false }
}

extension Variable {
  /// Computes an operation and records it where an input needs gradients.
  package static func apply<O: Operation>(_ operation: O, _ inputs: [Variable]) -> Variable {
    let (output, saved) = operation.forward(inputs)
    guard Recording.isOn, inputs.contains(where: \.requiresGradient) else {
      return Variable(output)
    }
    let kept = operation.keepsOutput ? output : nil
    let node = Node(inputs: inputs.map(\.node))
    node.backward = { [unowned node] outputGradient, needs in
      operation.backward(
        outputGradient, saved, output: kept.map { Variable($0, node: node) }, needs: needs)
    }
    return Variable(output, node: node)
  }
}

/// The gradients of a fused operation through the plain operations that define it.
///
/// For the backward of fused operations while a graph is recorded. The inputs are taken as
/// independent of one another, although one may have been computed from another.
func gradientsThroughDefinition(
  _ inputs: [Variable], _ outputGradient: Variable, needs: [Bool],
  definition: ([Variable]) -> Variable
) -> [Variable?] {
  let inputs = inputs.map(\.atNewPlace)
  let wanted = inputs.indices.filter { needs[$0] }
  let results = gradients(
    of: [(definition(inputs), outputGradient)], by: wanted.map { inputs[$0] }, keepsGraph: true,
    recordsGraph: true)
  var all = [Variable?](repeating: nil, count: inputs.count)
  for (index, result) in zip(wanted, results) { all[index] = result }
  return all
}

extension Variable {
  /// The same value at a new place in the graph, behind which a backward pass need not look.
  fileprivate var atNewPlace: Variable {
    guard let node else { return self }
    let place = Node(inputs: [node])
    place.backward = { outputGradient, _ in [outputGradient] }
    return Variable(value, node: place)
  }
}
