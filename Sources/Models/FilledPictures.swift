import Autodiff
import Kernels
package import TensorCore

/// What a generator makes of pictures with holes, [N, 3, H, W] in [-1, 1].
package struct FilledPictures {
  /// The generator's whole picture.
  package let generated: Tensor
  /// The generator's picture inside holes, the known pixels elsewhere.
  package let composite: Tensor

  /// Collects both.
  package init(generated: Tensor, composite: Tensor) {
    (self.generated, self.composite) = (generated, composite)
  }
}

extension InpaintingGenerator {
  /// Fills holes without recording: see `composite`.
  package func fill(
    images: Tensor, holes: Tensor, noise: Tensor? = nil,
    attended: (@Sendable (AttendedPlaces) -> Void)? = nil
  ) -> FilledPictures {
    Recording.off {
      let (generated, composite) = composite(
        images: images, holes: holes, noise: noise, attended: attended)
      return FilledPictures(
        generated: generated.value.converted(to: .plain), composite: composite.value)
    }
  }
}
