package import Configuration
import Models

/// What keeps the game between generator and discriminator alive; by default nothing but the published
/// losses.
package struct AdversarialSettings: Sendable {
  /// What both want.
  package var objective = AdversarialObjective.relativistic
  /// Gamma of the R1 penalty; 0 for none.
  package var r1: Float = 0
  /// Steps from one update by R1 to the next.
  package var r1Every = 16
  /// What is changed in pictures before they are judged.
  package var augmentation: DifferentiableAugmentation?
  /// Steps over which the weight of the adversarial loss rises.
  package var warmup = 0

  /// Makes the published settings.
  package init() {}

  /// The settings that a configuration asks for.
  package init(_ configuration: RunConfiguration) {
    let adversarial = configuration.adversarial
    objective = configuration.model.discriminator == .patch ? .patches : .relativistic
    r1 = Float(adversarial.r1)
    r1Every = adversarial.r1Every
    augmentation =
      adversarial.augment.isEmpty
      ? nil : DifferentiableAugmentation(adversarial.augment, seed: configuration.seed)
    warmup = adversarial.warmup
  }

  /// What the weight of the adversarial loss is multiplied by at a step, counted from 1.
  func adversarialFactor(at step: Int) -> Float {
    step < warmup ? Float(step) / Float(warmup) : 1
  }

  /// The R1 term of an update that is made every `r1Every` steps, and stands for as many; nil for none.
  var r1Term: LossTerm? {
    r1 > 0 ? LossTerm("r1", weight: r1 / 2 * Float(r1Every), .discriminator) : nil
  }
}
