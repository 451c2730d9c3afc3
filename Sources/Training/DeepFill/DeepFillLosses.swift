import Autodiff
import Datasets
import Images
import Kernels
import Losses
package import Models
import TensorCore

/// How a DeepFill model is trained.
package struct DeepFillTraining: Sendable {
  /// Whose losses, where the two published codes differ.
  package var convention = DeepFillConvention.tf
  /// Weight of the adversarial loss.
  package var adversarial: Float = 0.001
  /// Weight of the spatially discounted L1 loss.
  package var discountedL1: Float = 1.2
  /// What that loss is multiplied by with each pixel's distance from the box's sides.
  package var discount = 0.9
  /// Weight of the auto-encoder loss.
  package var autoencoder: Float = 1.2
  /// Weight of the coarse prediction in the two losses before, where the refined one has 1.
  package var coarse: Float = 1.2
  /// Weight of the critic of the whole picture, where that of the box has 1.
  package var globalCritic: Float = 1
  /// Weight of the gradient penalty.
  package var penalty: Float = 10
  /// Updates of the critics before each of the generator.
  package var criticUpdates = 5
  /// Trains the coarse network alone, without critics.
  package var pretrainsCoarse = false

  /// Makes the published settings.
  package init() {}
}

/// The losses of predictions that need no critic.
///
/// - Reference: docs/models/deepfill.md 4.
struct PredictionLosses {
  let settings: DeepFillTraining

  /// The terms, in order.
  var terms: [LossTerm] { [discountedTerm, autoencoderTerm] }

  private var discountedTerm: LossTerm {
    LossTerm("discounted_l1", weight: settings.discountedL1, .picture)
  }
  private var autoencoderTerm: LossTerm {
    LossTerm("autoencoder", weight: settings.autoencoder, .picture)
  }

  /// Discounted L1 and auto-encoder loss.
  ///
  /// - Parameters:
  ///   - coarse: The coarse prediction, [N, 3, H, W].
  ///   - refined: The refined one; nil in pretraining.
  ///   - batch: The pictures, their holes and boxes.
  /// - Returns: Both terms with their values.
  func values(coarse: Variable, refined: Variable?, _ batch: ReplicaBatch) -> [LossValue] {
    func sum(_ loss: (Variable) -> Variable) -> Variable {
      let coarseLoss = loss(coarse) * settings.coarse
      return refined.map { coarseLoss + loss($0) } ?? coarseLoss
    }
    let windows = batch.windows
    let target = batch.images.cropped(to: windows)
    let discounted = sum { prediction in
      // The port compares composites: known pixels of the box count nothing.
      let compared =
        settings.convention == .torch
        ? Variable.blend(hole: batch.masks, prediction, Variable(batch.images)) : prediction
      return Losses.discountedL1(
        compared.cropped(to: windows), target: target, discount: settings.discount)
    }
    let known = sum { prediction in
      knownL1(
        prediction, target: batch.images, holes: batch.masks,
        divisor: settings.convention == .tf ? .knownPixels : .allPixels)
    }
    return [
      LossValue(term: discountedTerm, value: discounted),
      LossValue(term: autoencoderTerm, value: known),
    ]
  }
}

extension ReplicaBatch {
  /// The boxes that the local critic sees.
  var windows: CropWindows {
    CropWindows(
      tops: boxes.map(\.top), lefts: boxes.map(\.left), height: images.shape[2] / 2,
      width: images.shape[3] / 2)
  }
}
