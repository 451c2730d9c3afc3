import Autodiff
import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

extension Fixture {
  /// Gives a network the fixture's parameters.
  func load(into module: some Module, dropping prefix: String = "") throws {
    for parameter in module.parameters {
      let name = "param." + parameter.name.dropFirst(prefix.count)
      parameter.setElements(try tensor(name).elements)
    }
  }

  /// Compares outputs, input gradients and parameter gradients.
  func check(
    parameters: [Parameter], dropping prefix: String = "",
    _ forward: ([Variable]) -> [Variable]
  ) throws {
    let inputs = try names(prefix: "in.").filter { Int($0.dropFirst(3)) != nil }.sorted()
      .map { Variable.leaf(try tensor($0)) }
    let outputs = forward(inputs)
    #expect(outputs.count == names(prefix: "out.").count)
    for (index, output) in outputs.enumerated() {
      expectMatches(output.value.converted(to: .plain), "out.\(index)")
    }
    let seeds = try outputs.indices.map { Variable(try tensor("in.upstream_\($0)")) }
    let gradients = gradients(
      of: Array(zip(outputs, seeds.map(Optional.some))),
      by: inputs + parameters.map(\.variable))
    for index in inputs.indices {
      let gradient = try #require(gradients[index], "no gradient by input \(index)")
      expectMatches(gradient.value.converted(to: .plain), "grad.in.\(index)")
    }
    for (parameter, gradient) in zip(parameters, gradients.dropFirst(inputs.count)) {
      let name = "grad." + parameter.name.dropFirst(prefix.count)
      // A bias before a normalisation takes no part: its gradient is zero.
      let value = gradient?.value ?? Tensor(repeating: 0, shape: parameter.shape)
      expectMatches(value, name)
    }
  }
}
