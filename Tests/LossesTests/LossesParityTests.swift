import Autodiff
import Losses
import TensorCore
import TestSupport
import Testing

/// Losses and their gradients against PyTorch.
@Suite struct LossesParityTests {
  @Test func parityOfAllLosses() throws {
    let fixture = try Fixture("losses")
    func leaf(_ name: String) throws -> Variable { .leaf(try fixture.tensor("in.\(name)")) }
    let (output, target) = (try leaf("output"), try fixture.tensor("in.target"))
    let (real, fake) = (try leaf("real"), try leaf("fake"))
    let outputMaps = try (0..<5).map { try leaf("output_map_\($0)") }
    let targetMaps = try (0..<5).map { try fixture.tensor("in.target_map_\($0)") }
    let guidance = guidanceMap(output.value, target: target)
    fixture.expectMatches(guidance, "out.guidance")
    let losses: [(String, Variable, [(String, Variable)])] = [
      ("pixel", pixelLoss(output, target: target), [("output", output)]),
      (
        "feature", featureLoss(outputMaps, targetMaps: targetMaps, guidance: guidance),
        outputMaps.enumerated().map { ("output_map_\($0)", $1) }
      ),
      (
        "alignment", alignmentLoss(outputMaps[3], targetMap: targetMaps[3]),
        [("output_map_3", outputMaps[3])]
      ),
      (
        "relativistic_discriminator", relativisticLoss(real: real, fake: fake, realLabel: 1),
        [("real", real), ("fake", fake)]
      ),
      (
        "relativistic_generator",
        relativisticLoss(real: real.detached, fake: fake, realLabel: 0), [("fake", fake)]
      ),
    ]
    for (name, loss, inputs) in losses {
      fixture.expectMatches(Tensor(loss.value.elements, shape: [1]), "out.\(name)")
      let results = gradients(of: loss, by: inputs.map(\.1))
      for ((input, _), gradient) in zip(inputs, results) {
        let value = try #require(gradient, "no gradient of \(name) by \(input)").value
        fixture.expectMatches(value, "grad.\(name).\(input)")
      }
    }
  }
}
