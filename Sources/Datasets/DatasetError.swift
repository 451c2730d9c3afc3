/// Why a source of images cannot be used, with the file concerned and what to do about it.
package struct DatasetError: Error, Hashable, CustomStringConvertible {
  /// The kind of fault.
  package enum Code: Hashable, Sendable {
    /// A folder does not exist or cannot be read.
    case unreadableFolder
    /// A file does not exist or cannot be read.
    case unreadableFile
    /// A line of a list is not what the format says, or lines are missing.
    case malformedList
    /// A list names files that are not there.
    case missingImages
    /// There is nothing to train on.
    case noImages
    /// A name that the user gave (split, attribute) does not exist.
    case unknownName
    /// Packed images are not as their index says.
    case damagedPack
    /// A file or folder cannot be written.
    case unwritable
    /// A folder that is to be written holds something else, or another process writes to it.
    case folderInUse
    /// An image is not what it was when the run began.
    case changedImage
    /// The loader was asked for a batch after it had been stopped.
    case stopped
  }

  /// The kind of fault.
  package let code: Code
  /// The file, folder or setting concerned.
  package let subject: String
  /// What is wrong.
  package let problem: String
  /// What to do about it; empty where `problem` says it.
  package let remedy: String

  /// Describes a fault.
  package init(_ code: Code, _ subject: String, _ problem: String, remedy: String = "") {
    (self.code, self.subject, self.problem, self.remedy) = (code, subject, problem, remedy)
  }

  package var description: String {
    remedy.isEmpty ? "\(subject): \(problem)" : "\(subject): \(problem); \(remedy)"
  }
}
