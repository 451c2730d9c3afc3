/// How one element of a tensor is stored.
///
/// Every operation computes in float32 or better and rounds its result once.
package enum ElementType: UInt8, Sendable {
  /// IEEE 754 single precision.
  case float32
  /// The upper half of a single-precision number: 8 exponent bits, 7 fraction bits.
  case bfloat16

  /// Bytes of one element.
  package var byteCount: Int { self == .float32 ? 4 : 2 }
}
