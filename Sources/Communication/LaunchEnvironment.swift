import Foundation

/// What the environment says about how this process was started, known before MPI starts.
package struct LaunchEnvironment: Equatable, Sendable {
  /// A size that a launcher or scheduler announced, and the variable that holds it.
  package struct AnnouncedSize: Equatable, Sendable {
    /// The name of the environment variable.
    package let variable: String
    /// The number of ranks.
    package let worldSize: Int
  }

  /// Whether a launcher that speaks MPI's start-up protocol started this process.
  package let hasLauncher: Bool
  /// The size the ranks should find, where anything announces one.
  package let announced: AnnouncedSize?
  /// This rank's number, for log files that are opened before MPI starts.
  package let rank: Int

  /// Reads the environment of this process.
  package init() {
    self.init(ProcessInfo.processInfo.environment)
  }

  /// Reads an environment.
  ///
  /// A launcher's own variable counts before the scheduler's: `mpirun -n 2` inside a larger
  /// allocation is a run of two ranks.
  package init(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    func size(_ names: String...) -> AnnouncedSize? {
      for name in names {
        if let size = number(name), size > 0 {
          return AnnouncedSize(variable: name, worldSize: size)
        }
      }
      return nil
    }
    hasLauncher = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_SIZE"].contains {
      environment[$0] != nil
    }
    announced = size("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")
    let ranks = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"]
    rank = ranks.lazy.compactMap { number($0) }.first ?? 0
  }

  /// Compares the number of ranks that were found with the announced one.
  ///
  /// - Throws: A launch error that explains why every rank believes to be rank 0 of 1.
  package func check(worldSize: Int) throws(CommunicationError) {
    guard let announced, announced.worldSize != worldSize else { return }
    let difference = "\(announced.variable) is \(announced.worldSize), but this process"
    guard worldSize == 1 else {
      throw CommunicationError(
        .launch, "\(difference) found \(worldSize) ranks; start all of them with one launcher")
    }
    throw CommunicationError(
      .launch,
      """
      \(difference) is rank 0 of 1: every rank would train alone. The launcher and this program's \
      MPI library do not understand each other. Start the ranks with Open MPI's mpirun inside the \
      allocation, or with srun --mpi=pmix (srun --mpi=list shows what is available). \
      For one rank on purpose: mpirun -n 1.
      """)
  }
}

/// Joins the ranks this process was started with, or makes a run of one rank.
///
/// MPI is started only where a launcher left its variables, so that a plain start works on machines
/// where MPI does not.
///
/// - Throws: A launch error where the launcher or scheduler announced another number of ranks.
package func makeCommunicator(
  environment: LaunchEnvironment = LaunchEnvironment()
) throws(CommunicationError) -> any Communicator {
  let communicator: any Communicator =
    environment.hasLauncher ? try MPICommunicator() : SingleProcessCommunicator()
  try environment.check(worldSize: communicator.worldSize)
  return communicator
}
