import Foundation

/// How fast a running average of weights forgets.
package enum AverageDecay: Sendable, Equatable {
  /// The average so far keeps this weight at each update, in `0..<1`.
  case constant(Double)
  /// After so many pictures a step's weights count half, whatever the batch; but never longer than
  /// `rampUp` times the pictures seen so far, where that is above 0: the first weights are soon forgotten.
  ///
  /// - Reference: Karras et al. 2020, stylegan2-ada, `ema_kimg` and `ema_rampup`.
  case halfLife(images: Double, rampUp: Double, batch: Int)

  /// What the new weights count at a step, counted from 1.
  package func weight(at step: Int) -> Float {
    switch self {
    case .constant(let decay):
      return Float(1 - decay)
    case .halfLife(let images, let rampUp, let batch):
      let seen = Double(step) * Double(batch)
      let halfLife = rampUp > 0 ? min(images, seen * rampUp) : images
      return Float(1 - pow(0.5, Double(batch) / max(halfLife, 1e-8)))
    }
  }
}

extension AverageDecay: ExpressibleByFloatLiteral {
  /// A constant decay.
  package init(floatLiteral value: Double) { self = .constant(value) }
}
