/// Why a set of synthetic faces cannot be written.
package struct SyntheticFaceError: Error, Hashable, CustomStringConvertible {
  /// The kind of fault.
  package enum Code: Hashable, Sendable {
    /// Count or side is out of range.
    case invalidArgument
    /// The folder exists and holds something else.
    case folderNotEmpty
    /// A folder or file cannot be made.
    case unwritable
  }

  /// The kind of fault.
  package let code: Code
  /// The folder, file or argument concerned.
  package let subject: String
  /// What is wrong.
  package let problem: String
  /// What to do about it.
  package let remedy: String

  /// Describes a fault.
  package init(_ code: Code, _ subject: String, _ problem: String, remedy: String) {
    (self.code, self.subject, self.problem, self.remedy) = (code, subject, problem, remedy)
  }

  package var description: String { "\(subject): \(problem); \(remedy)" }
}
