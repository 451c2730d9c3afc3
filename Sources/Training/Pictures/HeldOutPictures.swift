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
  package func filled(by model: any InpaintingModel) -> [Image] {
    let batchSize = 8
    return stride(from: 0, to: pictures.count, by: batchSize).flatMap { first in
      let indices = (first..<first + batchSize).map { min($0, pictures.count - 1) }
      let filled = model.fill(
        images: Tensor(pictures: indices.map { pictures[$0] }),
        holes: Tensor(holes: indices.map { holes[$0] }))
      return filled.composite.pictures.prefix(pictures.count - first)
    }
  }

  /// How well composites fill the holes, one score a picture.
  package func scores(of composites: [Image]) -> [ImageScores] {
    zip(composites, zip(pictures, holes)).map { composite, original in
      ImageScores(result: composite, target: original.0, hole: original.1)
    }
  }

  /// What a model's discriminator says of the originals, or of composites in their place: one number
  /// before the sigmoid for each, always as many at a time.
  func logits(of composites: [Image]? = nil, by model: any JudgingModel) -> [Double] {
    let (judged, batchSize) = (composites ?? pictures, 8)
    return stride(from: 0, to: judged.count, by: batchSize).flatMap { first in
      let indices = (first..<first + batchSize).map { min($0, judged.count - 1) }
      return model.logits(
        of: Tensor(pictures: indices.map { judged[$0] }), boxes: indices.map { holes[$0].box }
      ).prefix(judged.count - first)
    }
  }

  /// A sheet of what a model makes of the pictures: masked, filled, original.
  package func sheet(of model: any InpaintingModel, title: String) -> Image {
    ImageGrid(
      title: title,
      rows: [
        ImageGrid.Row("masked", zip(pictures, holes).map { $1.painted(on: $0, value: 128) }),
        ImageGrid.Row("filled", filled(by: model)),
        ImageGrid.Row("original", pictures),
      ]
    ).image()
  }
}
