package import Autodiff
package import Kernels
package import Layers
package import TensorCore

/// A discriminator that says of each patch of a picture how likely it is filled.
///
/// Three convolutions halve the picture, two more look wider: a number for each 8x8 pixels, which
/// depends on 61x61 of them. It has an eighteenth of the parameters of the published discriminator.
///
/// - Reference: Isola et al. 2017, arXiv 1611.07004; Suvorov et al. 2021, arXiv 2109.07161, trains one on
///   patches with a mask-aware target.
package struct PatchDiscriminator: PictureDiscriminator {
  /// Rows and columns that a number stands for.
  package static let patchSide = 8

  package let side: Int
  package var precision = ElementType.float32
  private let units: [DiscriminatorUnit]
  private let classifier: Conv2D

  /// Makes a discriminator: weight ~ N(0, 0.02), bias 0.
  ///
  /// - Precondition: `side` is a multiple of 8.
  package init(
    width: Int = 64, side: Int = 256, norm: DiscriminatorNorm = .batch, initializer: Initializer
  ) {
    precondition(
      side > 0 && side.isMultiple(of: Self.patchSide),
      "side \(side) is not a multiple of \(Self.patchSide)")
    self.side = side
    let widths = [3, width, 2 * width, 4 * width]
    units =
      (0..<3).map {
        DiscriminatorUnit(
          "patch.\($0)", widths[$0], widths[$0 + 1], norm: norm, initializer: initializer)
      } + [
        DiscriminatorUnit(
          "patch.3", 4 * width, 4 * width, kernelSize: 3, stride: 1, norm: norm,
          initializer: initializer)
      ]
    classifier = Conv2D("classifier", 4 * width, 1, kernelSize: 3, initializer: initializer)
  }

  package var parameters: [Parameter] { units.flatMap(\.parameters) + classifier.parameters }

  package var buffers: [Buffer] { units.flatMap(\.buffers) }

  package func judge(
    _ pictures: [Variable], windows: [CropWindows], over sum: (any ReplicaSum)?,
    statistics: inout [Tensor]
  ) -> [DiscriminatorOutput] {
    precondition(sum != nil || pictures.count == 1, "only one replica has statistics of its own")
    var maps: [[Variable]] = []
    for unit in units {
      maps.append(
        unit(
          maps.last ?? pictures.map { $0.converted(to: precision) }, over: sum,
          statistics: &statistics))
    }
    return pictures.indices.map { replica in
      let logits = maps[units.count - 1][replica].conv2D(
        weight: classifier.weight.variable(ofReplica: replica),
        bias: classifier.bias.variable(ofReplica: replica), settings: classifier.settings)
      return DiscriminatorOutput(
        logits: logits.plain(), localMaps: maps.map { $0[replica] })
    }
  }

  package func inferredLogits(_ pictures: Variable, windows: CropWindows) -> Variable {
    let maps = units.reduce(pictures.converted(to: precision)) { $1.inferred($0) }
    return classifier(maps).plain()
  }
}
