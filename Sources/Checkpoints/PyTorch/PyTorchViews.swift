/// Turns strided views of storages into tensors.
struct PyTorchViews {
  /// The whole file.
  let bytes: FileBytes
  /// Where each storage's bytes are in the file.
  let storages: [String: Range<Int>]
  /// The file, for messages.
  let path: String

  /// Resolves views; those that are contiguous share the bytes of the file, others are gathered.
  ///
  /// - Throws: `TensorFileError` if a view reaches beyond its storage or a storage is missing.
  func tensors(_ views: [(name: String, view: PickleTensor)]) throws(TensorFileError)
    -> [(name: String, tensor: StoredTensor)]
  {
    // Views with stride 0 can be larger than the file by any factor.
    var gatherable = (64 << 20) + 16 * bytes.count
    var result: [(name: String, tensor: StoredTensor)] = []
    for (name, view) in views {
      do {
        result.append((name, try tensor(view, gatherable: &gatherable)))
      } catch {
        throw TensorFileError(path: path, tensor: name, reason: error.reason)
      }
    }
    return result
  }

  private func tensor(_ view: PickleTensor, gatherable: inout Int) throws(PickleError)
    -> StoredTensor
  {
    let elementType = view.storage.elementType
    guard let count = elementType.elementCount(ofShape: view.shape) else {
      throw PickleError(reason: "impossible shape \(view.shape)")
    }
    guard count > 0 else {
      return StoredTensor(elementType: elementType, shape: view.shape, source: bytes, range: 0..<0)
    }
    let start = try start(of: view)
    if isContiguous(view) {
      return StoredTensor(
        elementType: elementType, shape: view.shape, source: bytes,
        range: start..<start + count * elementType.byteCount)
    }
    gatherable -= count * elementType.byteCount
    guard gatherable >= 0 else {
      throw PickleError(reason: "shape \(view.shape) is far larger than its storage")
    }
    return gather(view, start: start, count: count)
  }

  /// The first byte of a view, after checking that all of it lies inside its storage.
  private func start(of view: PickleTensor) throws(PickleError) -> Int {
    let storage = view.storage
    guard let range = storages[storage.key] else {
      throw PickleError(reason: "storage \"\(storage.key)\" is missing from the file")
    }
    let stored = range.count / storage.elementType.byteCount
    guard storage.offset + storage.count <= stored else {
      throw PickleError(
        reason: "storage \"\(storage.key)\" holds \(stored) elements, "
          + "\(storage.offset + storage.count) are needed")
    }
    var last = view.offset
    for (extent, stride) in zip(view.shape, view.strides) {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(reach)
      guard !overflow, !carry, sum < storage.count else {
        throw PickleError(reason: "the view reaches beyond its storage")
      }
      last = sum
    }
    guard last < storage.count else {
      throw PickleError(reason: "the view reaches beyond its storage")
    }
    return range.lowerBound + (storage.offset + view.offset) * storage.elementType.byteCount
  }

  private func isContiguous(_ view: PickleTensor) -> Bool {
    var expected = 1
    for (extent, stride) in zip(view.shape, view.strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }

  private func gather(_ view: PickleTensor, start: Int, count: Int) -> StoredTensor {
    let size = view.storage.elementType.byteCount
    // The stride of an axis with one element is never used and can be any number.
    let strides = zip(view.shape, view.strides).map { $0 == 1 ? 0 : $1 * size }
    let gathered = FileBytes(count: count * size) {
      (target: UnsafeMutableRawBufferPointer) throws(Never) in
      bytes.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: view.shape.count)
        var offset = start
        for element in 0..<count {
          for byte in 0..<size { target[element &* size &+ byte] = source[offset &+ byte] }
          for axis in index.indices.reversed() {
            index[axis] += 1
            offset += strides[axis]
            if index[axis] < view.shape[axis] { break }
            offset -= view.shape[axis] * strides[axis]
            index[axis] = 0
          }
        }
      }
    }
    return StoredTensor(
      elementType: view.storage.elementType, shape: view.shape, source: gathered,
      range: 0..<gathered.count)
  }
}
