/// One hash of the names, types, shapes and bits of a set of tensors.
///
/// It does not depend on the order of files and tensors, on metadata or on counters: two runs with
/// equal parameters and moments have equal hashes.
package struct CheckpointHash {
  private var tensors: [(file: String, name: String, hash: String)] = []

  /// Starts without tensors.
  package init() {}

  /// Takes a tensor of a file, named without extension.
  package mutating func add(_ tensor: NamedTensor, file: String) {
    var hasher = ContentHasher()
    hasher.update(file)
    hasher.update(tensor.name)
    hasher.update(tensor.elementType.rawValue)
    hasher.update(integer: UInt64(tensor.shape.count))
    for extent in tensor.shape { hasher.update(integer: UInt64(extent)) }
    tensor.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
      hasher.update(bytes)
    }
    tensors.append((file, tensor.name, hasher.hexadecimal))
  }

  /// The hash of all tensors taken, 64 hexadecimal digits.
  package func finalize() -> String {
    var hasher = ContentHasher()
    for tensor in tensors.sorted(by: { ($0.file, $0.name) < ($1.file, $1.name) }) {
      hasher.update(tensor.hash)
    }
    return hasher.hexadecimal
  }
}

extension CheckpointSnapshot {
  /// One hash of all tensors; equal to that of the checkpoint saved from the snapshot.
  package func tensorHash() -> String {
    var hash = CheckpointHash()
    for file in files { for tensor in file.tensors { hash.add(tensor, file: file.name) } }
    return hash.finalize()
  }
}

extension LoadedCheckpoint {
  /// One hash of all tensors.
  package func tensorHash() -> String {
    var hash = CheckpointHash()
    for (name, file) in files { for tensor in file.namedTensors { hash.add(tensor, file: name) } }
    return hash.finalize()
  }
}
