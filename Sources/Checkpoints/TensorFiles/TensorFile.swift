/// The tensors of one file, by name and in the file's order.
package struct TensorFile: Sendable {
  /// Where the tensors came from; used in messages.
  package let path: String
  /// The names in the order of the file.
  package let names: [String]
  /// Free text that the file carries beside its tensors.
  package let metadata: [String: String]
  private let tensors: [String: StoredTensor]

  /// Collects tensors.
  ///
  /// - Throws: `TensorFileError` if a name occurs twice.
  package init(
    path: String, tensors: [(name: String, tensor: StoredTensor)], metadata: [String: String] = [:]
  ) throws(TensorFileError) {
    var byName: [String: StoredTensor] = [:]
    byName.reserveCapacity(tensors.count)
    for (name, tensor) in tensors {
      guard byName.updateValue(tensor, forKey: name) == nil else {
        throw TensorFileError(path: path, tensor: name, reason: "the name occurs twice")
      }
    }
    self.path = path
    self.names = tensors.map(\.name)
    self.metadata = metadata
    self.tensors = byName
  }

  /// The tensor of a name, if the file has it.
  package subscript(name: String) -> StoredTensor? { tensors[name] }

  /// The tensor of a name.
  ///
  /// - Throws: `TensorFileError` that names the file and the tensor, if it is not there.
  package func tensor(_ name: String) throws(TensorFileError) -> StoredTensor {
    guard let tensor = tensors[name] else {
      throw TensorFileError(path: path, tensor: name, reason: "is missing from the file")
    }
    return tensor
  }

  /// The tensors in the order of the file, ready to be written again.
  package var namedTensors: [NamedTensor] {
    names.compactMap { name in tensors[name].map { NamedTensor(name: name, stored: $0) } }
  }
}
