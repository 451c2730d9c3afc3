/// A tensor file that cannot be read or written, with the file, the tensor and the reason.
package struct TensorFileError: Error, Equatable, CustomStringConvertible {
  /// The file concerned.
  package let path: String
  /// The tensor concerned, if one is.
  package let tensor: String?
  /// What is wrong, and what to do about it where that is known.
  package let reason: String

  /// Describes a fault of a whole file, or of one tensor in it.
  package init(path: String, tensor: String? = nil, reason: String) {
    self.path = path
    self.tensor = tensor
    self.reason = reason
  }

  /// One line: file, tensor and reason.
  package var description: String {
    guard let tensor else { return "\(path): \(reason)" }
    return "\(path): tensor \"\(tensor)\": \(reason)"
  }
}
