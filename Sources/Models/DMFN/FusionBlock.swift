package import Autodiff
package import Layers

/// Which of the two published forms of the dense multi-scale fusion block.
package enum FusionBlockKind: String, Sendable, CaseIterable {
  /// The block of the paper: a 3x3 convolution after each sum but the first, 1x1 fusion, instance
  /// norm and ReLU on the dilated convolutions (docs/models/dmfn.md 1.6).
  case paper
  /// The block of the published code and weights: running sums, 3x3 fusion
  /// (docs/models/dmfn.md 1.4).
  case released
}

/// The dense multi-scale fusion block: four dilated branches, summed step by step and fused.
///
/// - Reference: Hui et al. 2020, arXiv 2002.02609; docs/models/dmfn.md 1.4 and 1.6.
package struct FusionBlock: Module {
  private static let dilations = [1, 2, 4, 8]

  let kind: FusionBlockKind
  let reduction: Conv2D
  let branches: [Conv2D]
  /// K_2, K_3 and K_4 of the paper; empty in the released form.
  let sumConvolutions: [Conv2D]
  let fusion: Conv2D

  /// Makes a block on `channels` channels, a multiple of 4; each branch has a quarter of them.
  package init(_ name: String, channels: Int, kind: FusionBlockKind, initializer: Initializer) {
    let width = channels / 4
    self.kind = kind
    reduction = Conv2D("\(name).c1", channels, width, kernelSize: 3, initializer: initializer)
    branches = Self.dilations.enumerated().map { index, dilation in
      Conv2D(
        "\(name).d\(index + 1)", width, width, kernelSize: 3, dilation: dilation,
        initializer: initializer)
    }
    sumConvolutions =
      kind == .released
      ? []
      : (2...4).map {
        Conv2D("\(name).k\($0)", width, width, kernelSize: 3, initializer: initializer)
      }
    fusion = Conv2D(
      "\(name).c2", channels, channels, kernelSize: kind == .released ? 3 : 1,
      initializer: initializer)
  }

  package var parameters: [Parameter] {
    ([reduction] + branches + sumConvolutions + [fusion]).flatMap(\.parameters)
  }

  /// [N, C, H, W] -> [N, C, H, W].
  package func callAsFunction(_ x: Variable) -> Variable {
    let reduced = reduction.withoutBias(x).instanceNormalized(negativeSlope: 0)
    var sums: [Variable] = []
    for (index, branch) in branches.enumerated() {
      switch (kind, sums.last) {
      case (.paper, let previous):
        // The norm comes before the sum, so that the sum is its addend.
        let sum = branch.withoutBias(reduced)
          .instanceNormalized(negativeSlope: 0, adding: previous)
        sums.append(previous == nil ? sum : sumConvolutions[index - 1](sum))
      case (.released, nil):
        sums.append(branch(reduced))
      case (.released, let previous?):
        sums.append(previous + branch(reduced))
      }
    }
    let fused = Variable.concatenated(sums).instanceNormalized(negativeSlope: 0)
    return fusion.withoutBias(fused).instanceNormalized(adding: x)
  }
}
