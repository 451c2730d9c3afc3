/// The size of a step and how it is computed.
package struct TrainingConfiguration: Codable, Equatable, Sendable {
  /// The element type of activations.
  package enum Precision: String, ConfigurationChoice {
    /// float32.
    case fp32
    /// bfloat16; weights, losses, statistics and the optimizer stay in float32.
    case bf16
  }

  /// The pictures over which batch normalisation and the adversarial loss take their means.
  package enum BatchStatistics: String, ConfigurationChoice {
    /// Those of one replica.
    case replica
    /// The whole batch, across ranks.
    case global
  }

  /// Who adds the gradients of different ranks.
  package enum Reduction: String, ConfigurationChoice {
    /// One fixed tree over the replicas: the same bits on any number of ranks.
    case canonical
    /// `MPI_Iallreduce`: in an order of the library's choice, for comparison.
    case fast
  }

  /// How the gradients of different ranks travel.
  package enum WireFormat: String, ConfigurationChoice {
    /// As they are.
    case fp32
    /// The gradient of each replica rounded to bfloat16, then summed in float32.
    case bf16
  }

  /// What computes convolutions.
  package enum Convolution: String, ConfigurationChoice {
    /// The fastest for each shape, by a rule that depends on nothing but shape and processor.
    case auto
    /// oneDNN.
    case onednn
    /// Matrix products of OpenBLAS: slow, and independent of the others.
    case openblas
    /// The Winograd kernels of this package where they apply, else oneDNN.
    case winograd
  }

  /// What happens at a step at which a loss or gradient of any replica is not a finite number.
  package enum NonFinitePolicy: String, ConfigurationChoice {
    /// The run ends; the state before the step is kept.
    case stop
    /// The step updates nothing; the next one has the next batch.
    case skip
    /// The run goes back to the newest checkpoint, and on with the batch after this one.
    case rollback
  }

  /// Pictures in one step, over all replicas.
  package var batch = 16

  /// Equal parts of a batch, each with its own statistics; a power of two.
  ///
  /// The number of ranks must divide it and does not change the result.
  package var replicas = 1

  /// Steps in the whole training, each one update of both networks.
  package var steps = 100_000

  /// The element type of activations.
  package var precision = Precision.fp32

  /// Computes feature maps again for the gradients instead of keeping them: the same bits in less
  /// memory and more time, for larger pictures.
  package var recompute = false

  /// The pictures over which batch normalisation and the adversarial loss take their means.
  ///
  /// Global means need all replicas at once: a rank keeps the activations of all that it hosts.
  package var batchStatistics = BatchStatistics.replica

  /// What computes convolutions.
  package var convolution = Convolution.auto

  /// Decay of the running average of the generator's weights, such as 0.999; 0 is none.
  ///
  /// Where there is an average, it is saved, fills the sample sheets and is scored.
  package var ema = 0.0

  /// What happens at a step at which a loss or gradient is not a finite number.
  package var onNonFinite = NonFinitePolicy.stop

  /// Threads of each rank; 0 shares the cores of a machine out among its ranks.
  package var threads = 0

  /// Size of the pieces, in bytes, in which gradients are reduced over ranks.
  package var bucketBytes = 4 << 20

  /// Who adds the gradients of different ranks.
  package var reduction = Reduction.canonical

  /// How the gradients of different ranks travel.
  ///
  /// Rounding is part of the arithmetic: it happens on any number of ranks, also on one.
  package var wireFormat = WireFormat.fp32

  /// Steps between two comparisons of the weights of all ranks; 0 is never.
  package var agreementEvery = 100

  /// Steps between two writings of `report.html`; 0 is never.
  package var reportEvery = 100

  /// Writes event files for TensorBoard.
  package var tensorboard = false

  /// Seconds after which a run that does not go on is reported, with the ranks to blame.
  package var watchdogWarnSeconds = 30

  /// Seconds after which a run that does not go on is ended; 0 leaves the watchdog out.
  package var watchdogAbortSeconds = 120

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case batch, replicas, steps, precision, recompute
    case batchStatistics = "batch_statistics"
    case convolution, ema
    case onNonFinite = "on_non_finite"
    case threads
    case bucketBytes = "bucket_bytes"
    case reduction
    case wireFormat = "wire_format"
    case agreementEvery = "agreement_every"
    case reportEvery = "report_every"
    case tensorboard
    case watchdogWarnSeconds = "watchdog_warn_seconds"
    case watchdogAbortSeconds = "watchdog_abort_seconds"
  }
}
