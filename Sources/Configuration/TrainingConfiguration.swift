package import Kernels

/// The size of a step and how it is computed.
package struct TrainingConfiguration: SettingsSection {
  /// The element type of activations.
  package enum Precision: String, ConfigurationChoice {
    case fp32
    case bf16

    package var meaning: String {
      switch self {
      case .fp32: "float32"
      case .bf16: "bfloat16; weights, losses, statistics and the optimizer stay in float32"
      }
    }
  }

  /// The pictures over which batch normalisation and the adversarial loss take their means.
  package enum BatchStatistics: String, ConfigurationChoice {
    case replica
    case global

    package var meaning: String {
      switch self {
      case .replica: "those of one replica"
      case .global: "those of the whole batch, across ranks"
      }
    }
  }

  /// Who adds the gradients of different ranks.
  package enum Reduction: String, ConfigurationChoice {
    case canonical
    case fast

    package var meaning: String {
      switch self {
      case .canonical: "one fixed tree over the replicas: the same bits on any number of ranks"
      case .fast: "`MPI_Iallreduce`: in an order of the library's choice, for comparison"
      }
    }
  }

  /// How the gradients of different ranks travel.
  package enum WireFormat: String, ConfigurationChoice {
    case fp32
    case bf16
    case int8

    package var meaning: String {
      switch self {
      case .fp32: "as they are"
      case .bf16: "the gradient of each replica and every sum of them rounded to bfloat16"
      case .int8:
        "to 8 bits with a scale for each 16 numbers, up or down by a hash of the 16, so that errors cancel out"
      }
    }
  }

  /// What happens at a step at which a loss or gradient of any replica is not a finite number.
  package enum NonFinitePolicy: String, ConfigurationChoice {
    case stop
    case skip
    case rollback

    package var meaning: String {
      switch self {
      case .stop: "the run ends; the state before the step is kept"
      case .skip: "the step updates nothing; the next one has the next batch"
      case .rollback:
        "the run goes back to the newest checkpoint, then on with the batch after this"
      }
    }
  }

  @Setting("Pictures in one batch, over all replicas.")
  package var batch = 16

  @Setting(
    """
    Equal parts of a batch, each with its own statistics; a power of two. The number of ranks must \
    divide it and does not change the result.
    """)
  package var replicas = 1

  @Setting(
    """
    Batches whose gradients are summed before each update: the update of a batch so many times as \
    large, in the memory of one. It multiplies `batch` and `replicas`, and like them does not depend \
    on the number of ranks: a rank computes all parts that are not other ranks'. A power of two.
    """)
  package var accumulate = 1

  @Setting("Steps in all, each with one update of the generator.")
  package var steps = 100_000

  @Setting(
    """
    Updates of the critics in each step, before that of the generator; each works on a batch of \
    its own.
    """)
  package var criticUpdates = 5

  @Setting("Trains the coarse network alone, without critics; its weights can start another run.")
  package var pretrainCoarse = false

  @Setting("The element type of activations.")
  package var precision = Precision.fp32

  @Setting(
    """
    Computes feature maps again for the gradients instead of keeping them: the same bits in less \
    memory and more time, for larger pictures.
    """)
  package var recompute = false

  @Setting(
    """
    The pictures over which batch normalisation and the adversarial loss take their means. Global \
    means need all replicas at once: a rank keeps the activations of all that it hosts.
    """)
  package var batchStatistics = BatchStatistics.replica

  @Setting("What computes convolutions.")
  package var convolution = ConvolutionBackend.automatic

  @Setting(
    """
    Decay of the running average of the generator's weights, such as 0.999; 0 is none. Where there \
    is an average, it is saved, fills the sample sheets and is scored.
    """)
  package var ema = 0.0

  @Setting(
    """
    Pictures after which a step's weights count half in the running average, so that the decay fits \
    any batch; 0 is none, or the decay `ema`.
    """)
  package var emaHalfLife = 0

  @Setting(
    """
    The half-life is at most so many times the pictures seen, so that the first weights are soon \
    forgotten; 0 has no such limit.
    """)
  package var emaRampUp = 0.05

  @Setting("What happens at a step at which a loss or gradient is not a finite number.")
  package var onNonFinite = NonFinitePolicy.stop

  @Setting(
    """
    Threads of each rank; 0 shares the cores of a machine out among its ranks, and a run that goes on \
    takes as many as it began with. Another number then needs --accept-other-bits.
    """)
  package var threads = 0

  @Setting("Size of the pieces, in bytes, in which gradients are reduced over ranks.")
  package var bucketBytes = 4 << 20

  @Setting("Who adds the gradients of different ranks.")
  package var reduction = Reduction.canonical

  @Setting(
    """
    How the gradients of different ranks travel. Rounding is part of the arithmetic: it happens on \
    any number of ranks, also on one.
    """)
  package var wireFormat = WireFormat.fp32

  @Setting("Steps between two comparisons of the weights of all ranks; 0 is never.")
  package var agreementEvery = 100

  @Setting("Steps between two writings of `report.html`; 0 is never.")
  package var reportEvery = 100

  @Setting("Whether to write event files for TensorBoard.")
  package var tensorboard = false

  @Setting("Seconds after which a run that does not go on is reported, with the ranks to blame.")
  package var watchdogWarnSeconds = 30

  @Setting("Seconds after which a run that does not go on is ended; 0 leaves the watchdog out.")
  package var watchdogAbortSeconds = 120

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case batch, replicas, accumulate, steps
    case criticUpdates = "critic_updates"
    case pretrainCoarse = "pretrain_coarse"
    case precision, recompute
    case batchStatistics = "batch_statistics"
    case convolution, ema
    case emaHalfLife = "ema_half_life"
    case emaRampUp = "ema_ramp_up"
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

extension TrainingConfiguration {
  /// Pictures of an update.
  package var updateBatch: Int { batch * accumulate }

  /// Parts of an update's pictures, each with its own statistics.
  package var partCount: Int { replicas * accumulate }
}
