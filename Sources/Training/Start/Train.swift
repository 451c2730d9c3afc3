package import Communication
import Configuration
import Kernels
package import Running

/// Runs `inpaint train` on this rank.
///
/// - Returns: How the command ends.
/// - Throws: The same `RunError` on every rank.
package func train(_ request: TrainingRequest, communicator: any Communicator) throws -> ExitStatus
{
  let session = try Session(request, communicator: communicator)
  let backend = session.configuration.training.convolution
  return try ConvolutionBackend.$current.withValue(backend) {
    try TraceFile.record(to: request.trace, communicator) { try Trainer(session).run(request) }
  }
}
