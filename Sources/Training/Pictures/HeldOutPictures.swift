package import Datasets
package import Images
package import Metrics
import Models
import TensorCore

/// Pictures of the validation part with fixed holes, for sample sheets and scores.
package struct HeldOutPictures {
  /// The pictures, side x side.
  package let pictures: [Image]
  /// A hole for each.
  package let holes: [HoleMask]

  /// Takes pictures of a source, without random changes, each with the hole that epoch 0 gives it.
  ///
  /// - Throws: What is wrong with a picture, naming its file.
  package init(
    source: any ImageSource, indices: some Sequence<Int>, transform: SampleTransform
  ) throws {
    var transform = transform
    transform.augmentation = .none
    let samples = try indices.map { index in
      try transform(
        source.image(at: index), landmarks: source.landmarks(of: index), epoch: 0, sample: index)
    }
    pictures = samples.map(\.image)
    holes = samples.map(\.hole)
  }

  /// Fills the holes, always as many pictures at a time, the last one repeated where there are fewer:
  /// how they are spread over ranks does not change how they are computed.
  package func filled(by model: any InpaintingModel) -> [(generated: Image, composite: Image)] {
    let batchSize = 8
    return stride(from: 0, to: pictures.count, by: batchSize).flatMap { first in
      let indices = (first..<first + batchSize).map { min($0, pictures.count - 1) }
      let filled = model.fill(
        images: Tensor(pictures: indices.map { pictures[$0] }),
        holes: Tensor(holes: indices.map { holes[$0] }))
      return zip(filled.generated.pictures, filled.composite.pictures)
        .prefix(pictures.count - first).map { (generated: $0, composite: $1) }
    }
  }

  /// How well a model fills the holes, one score a picture.
  package func scores(of model: any InpaintingModel) -> [ImageScores] {
    zip(filled(by: model), zip(pictures, holes)).map { result, original in
      ImageScores(result: result.composite, target: original.0, hole: original.1)
    }
  }

  /// A sheet of what a model makes of the pictures: masked, filled, composite, original.
  package func sheet(of model: any InpaintingModel, title: String) -> Image {
    let filled = filled(by: model)
    return ImageGrid(
      title: title,
      rows: [
        ImageGrid.Row("masked", zip(pictures, holes).map { $1.painted(on: $0, value: 128) }),
        ImageGrid.Row("filled", filled.map(\.generated)),
        ImageGrid.Row("composite", filled.map(\.composite)),
        ImageGrid.Row("original", pictures),
      ]
    ).image()
  }
}
