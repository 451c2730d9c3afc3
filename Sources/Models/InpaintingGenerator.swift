package import Autodiff
package import Layers
package import TensorCore

/// A generator that fills the holes of pictures, of any kind of model.
package protocol InpaintingGenerator: Module, ExportableGenerator {
  /// Whether it tells where it has looked.
  var hasAttention: Bool { get }

  /// Numbers of the vector that tells its fillings of one hole apart; 0 where there is one filling.
  var noiseCount: Int { get }

  /// About how much memory it takes for each pixel that it fills or sees, without recording.
  var bytesPerPixel: Int { get }

  /// The type of feature maps inside the network.
  var precision: ElementType { get set }

  /// How its picture and the known pixels become one picture.
  var compositeKind: CompositeKind { get set }

  /// Fills the holes of pictures and keeps their known pixels.
  ///
  /// - Parameters:
  ///   - images: RGB in [-1, 1], [N, 3, H, W]; nothing inside a hole is looked at. H and W are
  ///     multiples of `sizeMultiple`.
  ///   - holes: 1 = hole, 0 = known, [N, 1, H, W].
  ///   - noise: Vectors, [N, noiseCount], where that is not 0; nil for zeros, the mean filling.
  ///   - attended: Receives where each place has looked, if the generator has attention.
  /// - Returns: The generator's picture, and the same in holes with the known pixels elsewhere,
  ///   [N, 3, H, W] each, the latter in the plain layout.
  func composite(
    images: Tensor, holes: Tensor, noise: Tensor?,
    attended: (@Sendable (AttendedPlaces) -> Void)?
  ) -> (generated: Variable, composite: Variable)
}
