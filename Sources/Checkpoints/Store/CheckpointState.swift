/// What a run needs besides tensors to go on exactly where it stopped.
package struct CheckpointState: Codable, Equatable, Sendable {
  /// Updates of both networks made so far.
  package var step: Int
  /// The epoch that the next sample belongs to, from 0.
  package var epoch: Int
  /// Images seen so far, over all replicas.
  package var images: Int
  /// Position within the epoch's order of the sample that comes next.
  package var nextSample: Int
  /// The run's seed; with the counters above it fixes every random number to come.
  package var seed: UInt64
  /// The number of replicas that defines the arithmetic.
  package var replicas: Int
  /// The effective configuration as YAML.
  package var configuration: String
  /// A hash of the configuration keys that change results.
  package var configurationFingerprint: String
  /// A hash of the data set's index.
  package var dataIndexHash: String
  /// The version of the program that wrote the checkpoint.
  package var codeVersion: String
  /// Validation metrics at this step by name, such as `psnr`; empty if there was no validation.
  package var validation: [String: Double]
  /// Further settings by name, for model kinds that need them.
  package var extras: [String: String]

  /// Collects the state.
  package init(
    step: Int, epoch: Int, images: Int, nextSample: Int, seed: UInt64, replicas: Int,
    configuration: String, configurationFingerprint: String, dataIndexHash: String,
    codeVersion: String, validation: [String: Double] = [:], extras: [String: String] = [:]
  ) {
    self.step = step
    self.epoch = epoch
    self.images = images
    self.nextSample = nextSample
    self.seed = seed
    self.replicas = replicas
    self.configuration = configuration
    self.configurationFingerprint = configurationFingerprint
    self.dataIndexHash = dataIndexHash
    self.codeVersion = codeVersion
    self.validation = validation
    self.extras = extras
  }
}
