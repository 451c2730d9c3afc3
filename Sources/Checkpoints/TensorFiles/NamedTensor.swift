/// A tensor to be written: its name, type and shape, and where its bytes come from.
package struct NamedTensor {
  /// The name in the file, unique there.
  package let name: String
  /// The extents, outermost first; `[]` for a scalar.
  package let shape: [Int]
  /// The number format of the elements.
  package let elementType: StoredElementType
  private let content: Content

  private enum Content {
    case borrowed(UnsafeRawBufferPointer)
    case floats([Float])
    case stored(StoredTensor)
    case producer((UnsafeMutableRawBufferPointer) -> Void)
  }

  /// The number of bytes that the tensor takes in a file.
  package let byteCount: Int

  private init(name: String, shape: [Int], elementType: StoredElementType, content: Content) {
    guard let count = elementType.elementCount(ofShape: shape) else {
      preconditionFailure("tensor \"\(name)\": impossible shape \(shape)")
    }
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.content = content
    byteCount = count * elementType.byteCount
  }

  /// Describes a tensor whose bytes the caller keeps.
  ///
  /// - Parameters:
  ///   - name: The name in the file.
  ///   - shape: The extents, outermost first.
  ///   - elementType: The number format.
  ///   - bytes: Row-major, little-endian; valid and unchanged until the call that writes or copies
  ///     them returns.
  /// - Precondition: There are as many bytes as type and shape ask for.
  package init(
    name: String, shape: [Int], elementType: StoredElementType = .float32,
    bytes: UnsafeRawBufferPointer
  ) {
    self.init(name: name, shape: shape, elementType: elementType, content: .borrowed(bytes))
    precondition(bytes.count == byteCount, "tensor \"\(name)\": \(bytes.count) bytes for \(shape)")
  }

  /// Describes a float32 tensor by its values in row-major order.
  ///
  /// - Precondition: There are as many values as the shape asks for.
  package init(name: String, shape: [Int], floats: [Float]) {
    self.init(name: name, shape: shape, elementType: .float32, content: .floats(floats))
    precondition(
      floats.count * 4 == byteCount, "tensor \"\(name)\": \(floats.count) values for \(shape)")
  }

  /// Describes a tensor that was read from a file.
  package init(name: String, stored: StoredTensor) {
    self.init(
      name: name, shape: stored.shape, elementType: stored.elementType, content: .stored(stored))
  }

  /// Describes a tensor whose bytes are produced when they are needed.
  ///
  /// For tensors in another memory layout: the producer converts straight into the buffer of the
  /// snapshot, without a copy in between.
  ///
  /// - Parameters:
  ///   - name: The name in the file.
  ///   - shape: The extents, outermost first.
  ///   - elementType: The number format.
  ///   - producer: Writes every byte of the buffer it is given; may be called more than once.
  package init(
    name: String, shape: [Int], elementType: StoredElementType = .float32,
    producer: @escaping (UnsafeMutableRawBufferPointer) -> Void
  ) {
    self.init(name: name, shape: shape, elementType: elementType, content: .producer(producer))
  }

  /// Gives access to the bytes for the duration of the call.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch content {
    case .borrowed(let bytes): return try body(bytes)
    case .stored(let tensor): return try tensor.withUnsafeBytes(body)
    case .floats(let values):
      return try values.withUnsafeBufferPointer { (elements) throws(Failure) in
        try body(UnsafeRawBufferPointer(elements))
      }
    case .producer(let produce):
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
      defer { buffer.deallocate() }
      produce(buffer)
      return try body(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Copies the bytes into a buffer of `byteCount` bytes.
  package func copyBytes(into buffer: UnsafeMutableRawBufferPointer) {
    precondition(buffer.count == byteCount, "tensor \"\(name)\": the buffer has the wrong size")
    if case .producer(let produce) = content {
      produce(buffer)
    } else {
      withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Never) in
        buffer.copyMemory(from: bytes)
      }
    }
  }
}
