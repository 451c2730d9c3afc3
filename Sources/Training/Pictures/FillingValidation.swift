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
  /// What is exchanged of each picture beside its scores, where a discriminator can be asked.
  private static let logitCount = 3
  private let model: any InpaintingModel
  private let communicator: any Communicator
  /// The number of pictures that are scored, over all ranks.
  private let count: Int
  private let share: HeldOutPictures
  /// The same pictures with other holes, which have scores of their own.
  private let others: [(word: String, pictures: HeldOutPictures)]
  /// As many pictures that are trained on, for a discriminator that can be asked.
  private let trainedOn: HeldOutPictures?
  private let shown: HeldOutPictures

  /// Reads this rank's pictures.
  ///
  /// - Throws: What is wrong with a picture, naming its file.
  init(
    of model: any InpaintingModel, source: any ImageSource, training: (any ImageSource)? = nil,
    transform: SampleTransform, settings: ValidationConfiguration, communicator: any Communicator
  ) throws {
    self.model = model
    self.communicator = communicator
    count = settings.every > 0 ? min(settings.count, source.count) : 0
    share = try HeldOutPictures(
      source: source,
      indices: stride(from: communicator.rank, to: count, by: communicator.worldSize),
      transform: transform)
    let indices = Array(
      stride(from: communicator.rank, to: count, by: communicator.worldSize))
    others = try settings.holes.compactMap { word in
      guard let kind = HoleKind.evaluated(word) else { return nil }
      var own = transform
      own.masks = kind
      return (word, try HeldOutPictures(source: source, indices: indices, transform: own))
    }
    let (count, isJudging) = (count, model is any JudgingModel)
    trainedOn = try (isJudging ? training : nil).map { training in
      // As many as are held out, so that every rank has as many of both.
      try HeldOutPictures(
        source: training,
        indices: stride(from: communicator.rank, to: count, by: communicator.worldSize)
          .map { $0 % training.count }, transform: transform)
    }
    let shownCount = communicator.isRoot ? min(settings.samplesCount, source.count) : 0
    shown = try HeldOutPictures(source: source, indices: 0..<shownCount, transform: transform)
  }

  func scores() throws -> [(name: String, value: Double)] {
    let metrics = PictureMetric.validated
    let composites = share.filled(by: model)
    var rows = share.scores(of: composites).map { scores in metrics.map { scores[$0] } }
    let judging = trainedOn == nil ? nil : model as? any JudgingModel
    if let judging, let trainedOn {
      let logits = [
        share.logits(by: judging), share.logits(of: composites, by: judging),
        trainedOn.logits(by: judging),
      ]
      for picture in rows.indices { rows[picture] += logits.map { $0[picture] } }
    }
    for other in others {
      let scores = other.pictures.scores(of: other.pictures.filled(by: model))
      for picture in rows.indices { rows[picture] += metrics.map { scores[picture][$0] } }
    }
    let first = metrics.count + (judging == nil ? 0 : Self.logitCount)
    let width = first + others.count * metrics.count
    StepPhase.enter("validation", waits: true)
    let received = try communicator.allGather(rows.flatMap { $0 })
    /// One number of every picture, in their order, which does not depend on the number of ranks.
    func column(_ offset: Int) -> [Double] {
      (0..<count).map { picture in
        received[picture % received.count][picture / received.count * width + offset]
      }
    }
    func means(from first: Int, suffix: String = "") -> [(name: String, value: Double)] {
      metrics.enumerated().map { offset, metric in
        (metric.name + suffix, column(first + offset).reduce(0, +) / Double(count))
      }
    }
    let scores = means(from: 0)
    let further = others.enumerated().flatMap { index, other in
      means(from: first + index * metrics.count, suffix: "_\(other.word)")
    }
    guard let judging else { return scores + further }
    let fake = column(metrics.count + 1)
    func realShare(_ real: [Double]) -> Double {
      JudgementSigns(real: real, fake: fake, isRelativistic: judging.isRelativistic).realShare
    }
    return scores + [
      ("real_share", realShare(column(metrics.count))),
      ("training_real_share", realShare(column(metrics.count + 2))),
    ] + further
  }

  /// The first pictures: masked, filled, original.
  func sheet(title: String) -> Image {
    shown.sheet(of: model, title: title)
  }
}
