/// A tensor as a file holds it: element type, shape and little-endian bytes in row-major order.
///
/// The bytes are a view of the file read, not a copy; they keep the whole file in memory while any
/// of its tensors lives. They are not always aligned to the element size.
package struct StoredTensor: Sendable {
  /// The number format of the elements.
  package let elementType: StoredElementType
  /// The extents, outermost first; `[]` for a scalar.
  package let shape: [Int]
  private let source: FileBytes
  private let range: Range<Int>

  /// The number of elements.
  package var elementCount: Int { range.count / elementType.byteCount }
  /// The number of bytes.
  package var byteCount: Int { range.count }

  /// Makes a view of `source[range]`.
  ///
  /// - Precondition: The range lies inside the source and has the bytes that the shape asks for.
  init(elementType: StoredElementType, shape: [Int], source: FileBytes, range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.count)
    precondition(
      elementType.elementCount(ofShape: shape).map { $0 * elementType.byteCount } == range.count)
    self.elementType = elementType
    self.shape = shape
    self.source = source
    self.range = range
  }

  /// Makes a float32 tensor from values in row-major order.
  ///
  /// - Precondition: There are as many values as the shape asks for.
  package init(floats: [Float], shape: [Int]) {
    let bytes = floats.withUnsafeBytes { FileBytes($0) }
    self.init(elementType: .float32, shape: shape, source: bytes, range: 0..<bytes.count)
  }

  /// Makes a tensor from bytes in row-major, little-endian order.
  ///
  /// - Precondition: There are as many bytes as type and shape ask for.
  package init(elementType: StoredElementType, shape: [Int], bytes: some Collection<UInt8>) {
    let copy = FileBytes(bytes)
    self.init(elementType: elementType, shape: shape, source: copy, range: 0..<copy.count)
  }

  /// Gives access to the bytes, without a copy, for the duration of the call.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try source.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }
}
