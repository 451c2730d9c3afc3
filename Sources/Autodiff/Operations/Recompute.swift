import Kernels
import TensorCore

/// A part of a graph that keeps its inputs only and is computed a second time for its gradients.
///
/// The second time gives the same numbers, so that gradients have the same bits as those of the part
/// itself. It has no second derivatives.
///
/// - Reference: Chen et al. 2016, arXiv 1604.06174.
struct Recompute: Operation {
  let body: @Sendable (Variable) -> Variable

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: [Variable]) {
    (Recording.off { body(Variable(inputs[0].value)).value }, inputs)
  }

  func backward(_ outputGradient: Variable, _ saved: [Variable], output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    precondition(!Recording.isOn, "a part that is computed again has no second derivatives")
    let input = needs[0] ? Variable.leaf(saved[0].value) : Variable(saved[0].value)
    let sources = [input] + saved.dropFirst()
    let wanted = sources.indices.filter { needs[$0] }
    let found = gradients(
      of: [(Recording.$isOn.withValue(true) { body(input) }, outputGradient)],
      by: wanted.map { sources[$0] })
    var all = [Variable?](repeating: nil, count: sources.count)
    for (index, gradient) in zip(wanted, found) { all[index] = gradient }
    return all
  }
}

extension Variable {
  /// `body` of this variable, without keeping what its gradients need: it is computed again for them.
  ///
  /// - Parameters:
  ///   - parameters: All leaves that `body` uses beside its argument.
  ///   - body: A function of its argument and the parameters alone.
  /// - Returns: The same as `body(self)`.
  package func recomputed(
    parameters: [Variable], _ body: @escaping @Sendable (Variable) -> Variable
  ) -> Variable {
    Variable.apply(Recompute(body: body), [self] + parameters)
  }
}
