package import Autodiff
package import TensorCore

/// A fully connected layer.
package struct Linear: Module {
  /// [O, I].
  package let weight: Parameter
  /// [O].
  package let bias: Parameter

  /// Makes a layer with PyTorch's default initialisation.
  package init(
    _ name: String, _ inputCount: Int, _ outputCount: Int, initializer: Initializer
  ) {
    weight = Parameter(
      "\(name).weight",
      initializer.uniform("\(name).weight", shape: [outputCount, inputCount], fanIn: inputCount))
    bias = Parameter(
      "\(name).bias",
      initializer.uniform("\(name).bias", shape: [outputCount], fanIn: inputCount))
  }

  /// Makes a layer from its first values: weight [O, I], bias 0.
  package init(_ name: String, weight: Tensor) {
    self.weight = Parameter("\(name).weight", weight)
    bias = Parameter("\(name).bias", Tensor(repeating: 0, shape: [weight.shape[0]]))
  }

  package var parameters: [Parameter] { [weight, bias] }

  /// `x W^T + b`, [N, O] for [N, I].
  package func callAsFunction(_ x: Variable, replica: Int = 0) -> Variable {
    x.linear(
      weight: weight.variable(ofReplica: replica), bias: bias.variable(ofReplica: replica))
  }
}
