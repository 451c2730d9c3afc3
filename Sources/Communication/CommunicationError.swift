/// Why ranks could not work together.
package struct CommunicationError: Error, Equatable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  package enum Code: Equatable, Sendable {
    /// The MPI library reported an error.
    case library
    /// The process was started in a way that does not give it the ranks it should have.
    case launch
    /// The ranks do not agree on what they are about to do.
    case disagreement
    /// A setting cannot work with this number of ranks or replicas.
    case setting
    /// Another rank ended the run.
    case aborted
    /// A system call failed.
    case system
  }

  /// The kind of failure.
  package let code: Code
  /// What is wrong and what to do about it.
  package let description: String

  /// Makes an error with a message that names what is wrong and what to do.
  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
