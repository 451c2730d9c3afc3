import Checkpoints
import Communication
import Configuration
import Datasets
import Files
import Images
import SyntheticFaces

/// A reason to end a command, with what to tell its user.
package struct RunError: Error, CustomStringConvertible, Sendable {
  /// How the command ends.
  package let status: ExitStatus
  /// What is wrong and what to do.
  package let message: String
  /// True where every rank has the same error, so that all can leave in good order.
  package let isShared: Bool

  /// Makes an error.
  package init(_ status: ExitStatus, _ message: String, isShared: Bool = false) {
    (self.status, self.message, self.isShared) = (status, message, isShared)
  }

  /// Turns any error of the package into one with an exit status.
  package init(_ error: any Error) {
    switch error {
    case let error as RunError:
      self = error
    case is ConfigurationError:
      self.init(.usage, "\(error)")
    case let error as CommunicationError:
      let isUsage = [.launch, .setting, .disagreement].contains(error.code)
      self.init(
        isUsage ? .usage : .failure, "\(error)", isShared: error.code == .disagreement)
    case let error as DatasetError where error.code == .unknownName:
      self.init(.usage, "\(error)")
    case is DatasetError, is ImageError, is TensorFileError, is TensorMismatchError,
      is CheckpointError, is SystemCallError:
      self.init(.badData, "\(error)")
    case let error as SyntheticFaceError:
      self.init(error.code == .invalidArgument ? .usage : .badData, "\(error)")
    default:
      self.init(.failure, "\(error)")
    }
  }

  package var description: String { message }
}
