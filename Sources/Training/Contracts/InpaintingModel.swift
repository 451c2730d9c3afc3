package import Communication
package import Images
package import Models
package import TensorCore

/// A model that fills the holes of pictures.
package protocol InpaintingModel: AdversarialModel {
  /// Fills holes, with the running average of the generator where there is one.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; H and W are multiples that the
  ///     generator takes.
  ///   - holes: 1 = hole, [N, 1, H, W].
  /// - Returns: The generator's pictures, with and without the known pixels.
  func fill(images: Tensor, holes: Tensor) -> FilledPictures
}

/// A model whose discriminator can be asked about pictures outside of training.
package protocol JudgingModel: InpaintingModel {
  /// Whether only differences between logits mean something.
  var isRelativistic: Bool { get }

  /// What the discriminator says of pictures, each on its own.
  ///
  /// - Parameters:
  ///   - pictures: RGB in [-1, 1], [N, 3, side, side].
  ///   - boxes: The squares round their holes.
  /// - Returns: One number before the sigmoid for each.
  func logits(of pictures: Tensor, boxes: [Rectangle]) -> [Double]
}

extension InpaintingModel {
  /// Fills pictures that were held out of training.
  package func makeValidation(
    on data: HeldOutData, communicator: any Communicator
  ) throws -> (any ModelValidation)? {
    try data.source.map {
      try FillingValidation(
        of: self, source: $0, training: data.training, transform: data.transform,
        settings: data.settings,
        communicator: communicator)
    }
  }
}
