extension StoredTensor {
  /// The elements as float32 in row-major order.
  ///
  /// - Numerics: F16 and BF16 are exact; F64 and large integers are rounded to nearest.
  package func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      copyFloats(into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
  }

  /// Writes the elements as float32 in row-major order into a buffer, without a copy in between.
  ///
  /// - Precondition: The buffer holds `elementCount` elements.
  package func copyFloats(into buffer: UnsafeMutableBufferPointer<Float>) {
    precondition(buffer.count == elementCount, "copyFloats: the buffer has the wrong size")
    withUnsafeBytes { bytes in
      switch elementType {
      case .float32: UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
      case .float64: convert(bytes, as: UInt64.self, into: buffer) { Float(Double(bitPattern: $0)) }
      case .float16:
        convert(bytes, as: UInt16.self, into: buffer) { Float(Float16(bitPattern: $0)) }
      case .bfloat16:
        convert(bytes, as: UInt16.self, into: buffer) { Float(bitPattern: UInt32($0) << 16) }
      case .int64: convert(bytes, as: Int64.self, into: buffer) { Float($0) }
      case .int32: convert(bytes, as: Int32.self, into: buffer) { Float($0) }
      case .int16: convert(bytes, as: Int16.self, into: buffer) { Float($0) }
      case .int8: convert(bytes, as: Int8.self, into: buffer) { Float($0) }
      case .uint64: convert(bytes, as: UInt64.self, into: buffer) { Float($0) }
      case .uint32: convert(bytes, as: UInt32.self, into: buffer) { Float($0) }
      case .uint16: convert(bytes, as: UInt16.self, into: buffer) { Float($0) }
      case .uint8: convert(bytes, as: UInt8.self, into: buffer) { Float($0) }
      case .bool: convert(bytes, as: UInt8.self, into: buffer) { $0 == 0 ? 0 : 1 }
      }
    }
  }

  /// The elements as integers in row-major order, or nil if the type is not whole or a value does
  /// not fit.
  package func integers() -> [Int]? {
    withUnsafeBytes { bytes in
      switch elementType {
      case .int64: integers(bytes, as: Int64.self)
      case .int32: integers(bytes, as: Int32.self)
      case .int16: integers(bytes, as: Int16.self)
      case .int8: integers(bytes, as: Int8.self)
      case .uint64: integers(bytes, as: UInt64.self)
      case .uint32: integers(bytes, as: UInt32.self)
      case .uint16: integers(bytes, as: UInt16.self)
      case .uint8: integers(bytes, as: UInt8.self)
      case .bool: bytes.map { $0 == 0 ? 0 : 1 }
      case .float64, .float32, .float16, .bfloat16: nil
      }
    }
  }

  @inline(__always)
  private func convert<Element: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type,
    into buffer: UnsafeMutableBufferPointer<Float>, _ convert: (Element) -> Float
  ) {
    for index in buffer.indices {
      let offset = index &* MemoryLayout<Element>.size
      let element = bytes.loadUnaligned(fromByteOffset: offset, as: type)
      buffer[index] = convert(Element(littleEndian: element))
    }
  }

  private func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type
  ) -> [Int]? {
    var values: [Int] = []
    values.reserveCapacity(elementCount)
    for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Element>.size) {
      let element = bytes.loadUnaligned(fromByteOffset: offset, as: type)
      guard let value = Int(exactly: Element(littleEndian: element)) else { return nil }
      values.append(value)
    }
    return values
  }
}
