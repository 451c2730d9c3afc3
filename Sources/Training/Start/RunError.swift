import Checkpoints
package import Communication
import Configuration
import Datasets
import Foundation
import Images

/// How a command ends; the numbers follow sysexits.h.
package enum ExitStatus: Int32, Sendable {
  /// All is done.
  case done = 0
  /// The command line or the configuration cannot be used.
  case usage = 64
  /// A file cannot be used.
  case badData = 65
  /// Something inside the program or the machine failed.
  case failure = 70
  /// Stopped by a signal after saving; run again to go on.
  case stopped = 75
}

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

extension Communicator {
  /// Lets rank 0 do something and gives its result to all ranks; collective.
  ///
  /// - Throws: Rank 0's error, on every rank.
  package func fromRoot(_ body: () throws -> [UInt8]) throws -> [UInt8] {
    var message: [UInt8] = []
    if isRoot {
      do {
        message = [0] + (try body())
      } catch {
        message = RunError(error).encoded
      }
    }
    let received = try broadcast(message)
    if let error = RunError(encoded: received) { throw error }
    return Array(received.dropFirst())
  }

  /// Lets every rank do something that may fail on some of them; collective.
  ///
  /// - Throws: The error of the first rank that failed, on every rank.
  package func together<Result>(_ body: () throws -> Result) throws -> Result {
    let outcome = Swift.Result { try body() }
    var message: [UInt8] = [0]
    if case .failure(let error) = outcome { message = RunError(error).encoded }
    for (rank, received) in try allGather(message).enumerated() {
      guard let error = RunError(encoded: received) else { continue }
      let message = worldSize > 1 ? "rank \(rank): \(error.message)" : error.message
      throw RunError(error.status, message, isShared: true)
    }
    return try outcome.get()
  }
}

extension RunError {
  fileprivate var encoded: [UInt8] { [UInt8(status.rawValue)] + Array(message.utf8) }

  fileprivate init?(encoded bytes: [UInt8]) {
    guard let first = bytes.first, first != 0 else { return nil }
    self.init(
      ExitStatus(rawValue: Int32(first)) ?? .failure,
      String(decoding: bytes.dropFirst(), as: UTF8.self), isShared: true)
  }
}

/// What the operating system said about a file operation of Foundation, whose own words tell less.
func systemReason(_ error: any Error) -> String {
  let cause = (error as? CocoaError)?.underlying as? POSIXError
  return cause.map { String(cString: strerror($0.code.rawValue)) } ?? error.localizedDescription
}
