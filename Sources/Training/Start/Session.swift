import CKernels
package import Communication
package import Configuration
package import Datasets
import Foundation
import Kernels
import Layers
import Running
import TensorCore

/// What the user asks of `inpaint train`.
package struct TrainingRequest: Sendable {
  /// Which checkpoint a run goes on from.
  package enum Resume: Sendable, Equatable {
    /// The newest usable one, if there is one.
    case automatic
    /// None: a run folder that has checkpoints is refused.
    case never
    /// This folder.
    case checkpoint(String)
  }

  /// The configuration file.
  package var configuration: String
  /// The run folder; nil for `runs/<experiment>`.
  package var runDirectory: String?
  /// Which checkpoint to go on from.
  package var resume = Resume.automatic
  /// Settings of the form `key.path=value` that replace those of the file.
  package var overrides: [String] = []
  /// Ends the run, with a checkpoint, after this many steps in all; nil runs to the end.
  package var stopAfter: Int?
  /// Ends the run, with a checkpoint, at this time; nil runs to the end.
  package var timeLimit: TimeLimit?
  /// Where a trace of all ranks goes; nil takes none.
  package var trace: String?

  /// Where the last checkpoint goes that the run folder does not take; nil for nowhere.
  package var rescue: String?

  /// Goes on from a checkpoint even where threads or processor round differently.
  package var acceptsOtherBits = false

  /// Makes a request.
  package init(configuration: String) { self.configuration = configuration }
}

/// Everything that all ranks have agreed on before step 1.
package struct Session {
  /// The ranks.
  package let communicator: any Communicator
  /// Which replicas this rank hosts.
  package let layout: ReplicaLayout
  /// The effective configuration.
  package let configuration: RunConfiguration
  /// The run folder.
  package let directory: RunDirectory
  /// The model.
  package let model: any AdversarialModel
  /// The data.
  package let data: DataSetup
  /// Which samples each replica works on.
  package let sampler: ShardedSampler
  /// What the run has given up so far.
  var setbacks = Setbacks()
  /// Whether it is to end because its score no longer becomes better.
  var earlyStop: EarlyStop
  /// Threads that each rank computes with.
  package private(set) var threads: Int

  /// Reads the configuration, opens the data and makes the model, the same on every rank.
  ///
  /// - Throws: The same `RunError` on every rank, before anything is written.
  package init(_ request: TrainingRequest, communicator: any Communicator) throws {
    self.communicator = communicator
    configuration = try request.agreedConfiguration(communicator)
    earlyStop = EarlyStop(configuration)
    layout = try ReplicaLayout(
      replicas: configuration.training.partCount, worldSize: communicator.worldSize,
      rank: communicator.rank)
    threads = useThreads(configuration.training.threads, ranksOnHost: communicator.hostSize)
    let configuration = configuration
    let layout = layout
    directory = RunDirectory(request, configuration)
    data = try DataSetup(configuration, communicator: communicator)
    let data = data
    model = try communicator.together {
      try makeModel(configuration, communicator: communicator, layout: layout)
    }
    sampler = ShardedSampler(
      datasetCount: data.training.count, globalBatchSize: configuration.training.updateBatch,
      replicas: layout.replicas, seed: configuration.seed)
    try agree()
  }

  /// Computes with another number of threads from now on.
  mutating func use(threads count: Int) {
    threads = useThreads(count, ranksOnHost: communicator.hostSize)
  }

  /// Makes sure that all ranks are about to compute the same.
  private func agree() throws {
    var agreement = StartAgreement()
    let (program, pictures) = try communicator.together {
      (try programFingerprint(), try data.training.spotHash())
    }
    agreement.add("the program", program)
    agreement.add("data index", "\(data.indexHash)")
    agreement.add("pictures", hexadecimal(pictures))
    agreement.add(
      "held-out pictures",
      data.validation.map { "\($0.count), index \($0.indexHash)" } ?? "none")
    agreement.add("training.threads", "\(threads)")
    agreement.add("instruction set", configuration.arithmeticDescription)
    agreement.add("oneDNN", convolutionLibraryVersion)
    for network in model.networks {
      agreement.add(
        "\(network.name) buckets", hexadecimal(network.gradients.plan.fingerprint))
    }
    try agreement.check(communicator)
  }
}

/// The folder that a request writes to.
///
/// - Throws: What is wrong with the configuration.
package func runFolder(of request: TrainingRequest) throws -> String {
  let configuration = try RunConfiguration.load(
    path: request.configuration, overrides: request.overrides)
  return RunDirectory(request, configuration).path
}

extension RunDirectory {
  fileprivate init(_ request: TrainingRequest, _ configuration: RunConfiguration) {
    self.init(request.runDirectory ?? "runs/\(configuration.experiment)")
  }
}

extension RunConfiguration {
  /// What decides how this run's sums are rounded on this processor.
  var arithmeticDescription: String {
    "channel blocks of \(Layout.native.channelBlock)"
      + (training.precision == .bf16 && multipliesBFloat16 ? ", bfloat16 products" : "")
  }
}
