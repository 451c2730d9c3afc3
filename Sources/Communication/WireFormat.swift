import CMPI

/// How float32 gradients travel between ranks, and with that how they are summed.
///
/// Rounding is part of the arithmetic: the gradient of each replica and every sum of the canonical tree are
/// rounded, on one rank too, so that every message is short and the bits are the same at every rank count.
package enum WireFormat: String, CaseIterable, Sendable {
  /// As they are: 4 bytes a number.
  case float32
  /// To the nearest bfloat16, ties to even: 2 bytes a number.
  case bfloat16
  /// To 8 bits with a common power of two for each 16 numbers: 17 bytes for 16 numbers.
  ///
  /// Up or down by a hash of the 16 numbers (stochastic rounding, Gupta et al. 2015), so that the error is
  /// zero on average and there is no residual to keep, to save or to hand from rank to rank.
  case int8

  /// The number of neighbouring values that are rounded together; parts of a buffer begin at a multiple of it.
  package static let block = Int(CMPI_INT8_BLOCK)

  /// The length of a message of `count` values.
  package func byteCount(_ count: Int) -> Int {
    switch self {
    case .float32: count * MemoryLayout<Float>.stride
    case .bfloat16: count * MemoryLayout<UInt16>.stride
    case .int8: count + (count + Self.block - 1) / Self.block
    }
  }

  /// Rounds values in place.
  package func round(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let start = values.baseAddress else { return }
    switch self {
    case .float32: break
    case .bfloat16: cmpi_floats_round_to_bfloat16(start, values.count)
    case .int8: cmpi_floats_round_to_int8(start, values.count)
    }
  }

  /// Writes rounded values as a message of `byteCount(values.count)` bytes.
  package func pack(
    _ values: UnsafeMutableBufferPointer<Float>, into message: UnsafeMutableRawBufferPointer
  ) {
    guard let start = values.baseAddress, let bytes = message.baseAddress else { return }
    switch self {
    case .float32: bytes.copyMemory(from: start, byteCount: byteCount(values.count))
    case .bfloat16:
      cmpi_floats_pack_bfloat16(
        bytes.assumingMemoryBound(to: UInt16.self), start, values.count)
    case .int8:
      cmpi_floats_pack_int8(
        bytes.assumingMemoryBound(to: Int8.self),
        (bytes + values.count).assumingMemoryBound(to: UInt8.self), start, values.count)
    }
  }

  /// Writes a message's values over `values`.
  package func unpack(
    _ message: UnsafeMutableRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
  ) {
    guard let start = values.baseAddress, let bytes = message.baseAddress else { return }
    switch self {
    case .float32: UnsafeMutableRawPointer(start).copyMemory(from: bytes, byteCount: message.count)
    case .bfloat16:
      cmpi_floats_unpack_bfloat16(
        start, bytes.assumingMemoryBound(to: UInt16.self), values.count)
    case .int8:
      cmpi_floats_unpack_int8(
        start, bytes.assumingMemoryBound(to: Int8.self),
        (bytes + values.count).assumingMemoryBound(to: UInt8.self), values.count)
    }
  }

  /// Adds a message's values to `sum` and rounds the result: a node of the tree.
  package func add(
    _ message: UnsafeMutableRawBufferPointer, to sum: UnsafeMutableBufferPointer<Float>
  ) {
    guard let start = sum.baseAddress, let bytes = message.baseAddress else { return }
    switch self {
    case .float32:
      cmpi_floats_accumulate(start, bytes.assumingMemoryBound(to: Float.self), sum.count)
    case .bfloat16:
      cmpi_floats_accumulate_bfloat16(
        start, bytes.assumingMemoryBound(to: UInt16.self), sum.count)
    case .int8:
      cmpi_floats_accumulate_int8(
        start, bytes.assumingMemoryBound(to: Int8.self),
        (bytes + sum.count).assumingMemoryBound(to: UInt8.self), sum.count)
    }
    round(sum)
  }
}
