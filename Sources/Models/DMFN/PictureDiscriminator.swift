package import Autodiff
package import Kernels
package import Layers
package import TensorCore

/// Which discriminator tells original pictures from filled ones.
package enum DiscriminatorKind: String, Sendable, CaseIterable {
  /// The published one: a number for the whole picture and the square round the hole.
  case dmfn
  /// A number for each patch.
  case patch
}

/// What a discriminator says about pictures.
package struct DiscriminatorOutput {
  /// Numbers before the sigmoid: [N, 1] for whole pictures, [N, 1, h, w] for patches.
  package let logits: Variable
  /// Its feature maps, after their activations; of the published one those of the local branch.
  package let localMaps: [Variable]
}

/// A network that tells original pictures from filled ones.
package protocol PictureDiscriminator: Module {
  /// Rows and columns of the pictures; the squares round holes have half as many.
  var side: Int { get }
  /// The type of feature maps inside the network.
  var precision: ElementType { get set }

  /// Judges the pictures of this rank's replicas as parts of one batch.
  ///
  /// - Parameters:
  ///   - pictures: For each replica RGB in [-1, 1], [N, 3, side, side].
  ///   - windows: For each replica the squares round the holes, of half the side.
  ///   - sum: Who adds batch statistics over replicas; nil for the only replica of a step, or one that
  ///     has its own.
  ///   - statistics: Receives mean and unbiased variance of every batch norm, in the order of `buffers`.
  /// - Returns: What it says of each replica's pictures.
  func judge(
    _ pictures: [Variable], windows: [CropWindows], over sum: (any ReplicaSum)?,
    statistics: inout [Tensor]
  ) -> [DiscriminatorOutput]

  /// Logits of pictures, each on its own: by running statistics where there are batch norms.
  ///
  /// - Parameters:
  ///   - pictures: RGB in [-1, 1], [N, 3, side, side].
  ///   - windows: The squares round the holes, of half the side.
  /// - Returns: As in `DiscriminatorOutput`.
  func inferredLogits(_ pictures: Variable, windows: CropWindows) -> Variable
}
