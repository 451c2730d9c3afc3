import Configuration

extension AverageDecay {
  /// The decay that a configuration asks for; nil keeps no average.
  init?(_ training: TrainingConfiguration) {
    if training.emaHalfLife > 0 {
      self = .halfLife(
        images: Double(training.emaHalfLife), rampUp: training.emaRampUp,
        batch: training.updateBatch)
    } else if training.ema > 0 {
      self = .constant(training.ema)
    } else {
      return nil
    }
  }
}
