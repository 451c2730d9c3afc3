package import Communication
import Configuration
import Kernels
package import Running

/// Runs `inpaint train` on this rank.
///
/// A request to stop that comes before the first step ends the process.
///
/// - Returns: How the command ends.
/// - Throws: The same `RunError` on every rank.
package func train(_ request: TrainingRequest, communicator: any Communicator) throws -> ExitStatus
{
  StartGuard.leaveOnRequest(rank: communicator.rank)
  defer { StartGuard.finish() }
  let session = try Session(request, communicator: communicator)
  let backend = session.configuration.training.convolution
  return try ConvolutionBackend.$current.withValue(backend) {
    try TraceFile.record(to: request.trace, communicator) {
      try Trainer(session, rescueFolder: request.rescue).run(request)
    }
  }
}
