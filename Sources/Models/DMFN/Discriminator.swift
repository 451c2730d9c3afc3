package import Autodiff
package import Kernels
package import Layers
package import TensorCore

/// The DMFN discriminator: one branch for the whole picture, one for the crop round the hole.
///
/// 36,673,025 parameters at width 64 for pictures of 256 pixels a side.
///
/// - Reference: docs/models/dmfn.md 2.
package struct Discriminator: PictureDiscriminator {
  /// Rows and columns of the pictures; the crop has half as many.
  package let side: Int
  /// The type of feature maps inside the network.
  package var precision = ElementType.float32
  private let localUnits: [DiscriminatorUnit]
  private let globalUnits: [DiscriminatorUnit]
  private let globalClassifier: Linear
  private let localClassifier: Linear
  private let classifier: Linear
  private let isSpectral: Bool

  /// Makes a discriminator with first values drawn by the published rules.
  ///
  /// - Precondition: `side` is a multiple of 64, because six layers halve it.
  package init(
    width: Int = 64, side: Int = 256, norm: DiscriminatorNorm = .batch, initializer: Initializer
  ) {
    precondition(side > 0 && side.isMultiple(of: 64), "side \(side) is not a multiple of 64")
    func unit(_ name: String, _ input: Int, _ output: Int) -> DiscriminatorUnit {
      DiscriminatorUnit(name, input, output, norm: norm, initializer: initializer)
    }
    isSpectral = norm == .spectral
    self.side = side
    let widths = [3, width, 2 * width, 4 * width, 8 * width, 8 * width, 8 * width]
    globalUnits = (0..<6).map { unit("global_model.\($0)", widths[$0], widths[$0 + 1]) }
    localUnits = (0..<5).map { unit("local_fea\($0 + 1)", widths[$0], widths[$0 + 1]) }
    let flat = 8 * width * (side / 64) * (side / 64)
    globalClassifier = Linear("global_classifier", flat, 8 * width, initializer: initializer)
    localClassifier = Linear("local_classifier", flat, 8 * width, initializer: initializer)
    classifier = Linear("classifier.1", 16 * width, 1, initializer: initializer)
  }

  package var parameters: [Parameter] {
    (globalUnits + localUnits).flatMap(\.parameters)
      + globalClassifier.parameters + localClassifier.parameters + classifier.parameters
  }

  package var buffers: [Buffer] {
    (globalUnits + localUnits).flatMap(\.buffers)
  }

  /// Judges pictures.
  ///
  /// - Parameters:
  ///   - local: The crop round the hole, RGB in [-1, 1], [N, 3, side / 2, side / 2].
  ///   - whole: RGB in [-1, 1], [N, 3, side, side].
  ///   - statistics: Receives mean and unbiased variance of every batch norm, in the order of
  ///     `buffers`.
  /// - Returns: Logits, and the feature maps of the local branch.
  package func callAsFunction(
    local: Variable, whole: Variable, statistics: inout [Tensor]
  ) -> DiscriminatorOutput {
    self(local: [local], whole: [whole], over: nil, statistics: &statistics)[0]
  }

  /// Judges the pictures of this rank's replicas as parts of one batch.
  ///
  /// - Parameters:
  ///   - local: For each replica the crops round the holes, RGB in [-1, 1],
  ///     [N, 3, side / 2, side / 2].
  ///   - whole: For each replica RGB in [-1, 1], [N, 3, side, side].
  ///   - sum: Who adds the batch statistics over replicas; nil for the only replica of a step, or one
  ///     that has its own.
  ///   - statistics: Receives mean and unbiased variance of every batch norm, in the order of
  ///     `buffers`.
  /// - Returns: Logits, and the feature maps of the local branch, for each replica.
  package func callAsFunction(
    local: [Variable], whole: [Variable], over sum: (any ReplicaSum)?, statistics: inout [Tensor]
  ) -> [DiscriminatorOutput] {
    precondition(sum != nil || whole.count == 1, "only one replica has statistics of its own")
    precondition(
      whole[0].shape[2] == side && local[0].shape[2] == side / 2,
      "a discriminator of side \(side) was given \(whole[0].shape) and \(local[0].shape)")
    func typed(_ pictures: [Variable]) -> [Variable] {
      pictures.map { $0.converted(to: precision) }
    }
    let globalMaps = features(of: typed(whole), globalUnits, sum, &statistics)
    let localMaps = features(of: typed(local), localUnits, sum, &statistics)
    return whole.indices.map { replica in
      let judgement = Variable.concatenated([
        connected(localClassifier, localMaps[4][replica].flattened(), replica),
        connected(globalClassifier, globalMaps[5][replica].flattened(), replica),
      ])
      return DiscriminatorOutput(
        logits: connected(classifier, judgement.leakyReLU(negativeSlope: 0.2), replica),
        localMaps: localMaps.map { $0[replica] })
    }
  }

  package func judge(
    _ pictures: [Variable], windows: [CropWindows], over sum: (any ReplicaSum)?,
    statistics: inout [Tensor]
  ) -> [DiscriminatorOutput] {
    self(
      local: zip(pictures, windows).map { $0.cropped(to: $1) }, whole: pictures, over: sum,
      statistics: &statistics)
  }

  package func inferredLogits(_ pictures: Variable, windows: CropWindows) -> Variable {
    func maps(_ pictures: Variable, _ units: [DiscriminatorUnit]) -> Variable {
      units.reduce(pictures.converted(to: precision)) { $1.inferred($0) }.flattened()
    }
    let judgement = Variable.concatenated([
      connected(localClassifier, maps(pictures.cropped(to: windows), localUnits), 0),
      connected(globalClassifier, maps(pictures, globalUnits), 0),
    ])
    return connected(classifier, judgement.leakyReLU(negativeSlope: 0.2), 0)
  }

  /// The feature maps after each unit, for each replica.
  private func features(
    of pictures: [Variable], _ units: [DiscriminatorUnit], _ sum: (any ReplicaSum)?,
    _ statistics: inout [Tensor]
  ) -> [[Variable]] {
    var maps: [[Variable]] = []
    for unit in units {
      maps.append(unit(maps.last ?? pictures, over: sum, statistics: &statistics))
    }
    return maps
  }

  private func connected(_ layer: Linear, _ x: Variable, _ replica: Int) -> Variable {
    guard isSpectral else { return layer(x, replica: replica) }
    return x.linear(
      weight: layer.weight.variable(ofReplica: replica).spectrallyNormalized(),
      bias: layer.bias.variable(ofReplica: replica))
  }
}
