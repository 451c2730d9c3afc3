import Communication
import Configuration
import Datasets
import Images
import Metrics

/// The validation of a model that fills holes: held-out pictures that are scored, each on one rank, and
/// those that rank 0 draws.
///
/// Pictures and holes are the same in all validations, on any number of ranks.
struct FillingValidation: ModelValidation {
  private let model: any InpaintingModel
  private let communicator: any Communicator
  /// The number of pictures that are scored, over all ranks.
  private let count: Int
  private let share: HeldOutPictures
  private let shown: HeldOutPictures

  /// Reads this rank's pictures.
  ///
  /// - Throws: What is wrong with a picture, naming its file.
  init(
    of model: any InpaintingModel, source: any ImageSource, transform: SampleTransform,
    settings: ValidationConfiguration, communicator: any Communicator
  ) throws {
    self.model = model
    self.communicator = communicator
    count = settings.every > 0 ? min(settings.count, source.count) : 0
    share = try HeldOutPictures(
      source: source,
      indices: stride(from: communicator.rank, to: count, by: communicator.worldSize),
      transform: transform)
    let shownCount = communicator.isRoot ? min(settings.samplesCount, source.count) : 0
    shown = try HeldOutPictures(source: source, indices: 0..<shownCount, transform: transform)
  }

  func scores() throws -> [(name: String, value: Double)] {
    let metrics = PictureMetric.validated
    let own = share.scores(of: model).flatMap { scores in metrics.map { scores[$0] } }
    StepPhase.enter("validation", waits: true)
    let received = try communicator.allGather(own)
    return metrics.enumerated().map { offset, metric in
      // In the order of the pictures, so that the sum does not depend on the number of ranks.
      let sum = (0..<count).reduce(0.0) { sum, picture in
        let values = received[picture % received.count]
        return sum + values[picture / received.count * metrics.count + offset]
      }
      return (metric.name, sum / Double(count))
    }
  }

  /// The first pictures: masked, filled, composite, original.
  func sheet(title: String) -> Image {
    shown.sheet(of: model, title: title)
  }
}
