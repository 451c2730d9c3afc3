import Foundation

/// One flat block of float32 numbers, aligned to 64 bytes or more and zero at first.
package final class FloatArena {
  /// The number of floats to which the starts of tensors inside an arena are aligned: 64 bytes.
  package static let alignment = 16

  /// The numbers.
  package let values: UnsafeMutableBufferPointer<Float>

  /// Allocates `count` zeros.
  package init(count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Float>.stride
    let hugePage = 2 << 20
    let usesHugePages = byteCount >= hugePage
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: byteCount, alignment: usesHugePages ? hugePage : 64)
    // Sums and copies between processes are bound by memory; fewer pages make both faster. A kernel
    // without huge pages refuses, and nothing is lost.
    if usesHugePages { _ = madvise(bytes.baseAddress, byteCount, MADV_HUGEPAGE) }
    let floats = bytes.bindMemory(to: Float.self)
    floats.initialize(repeating: 0)
    values = UnsafeMutableBufferPointer(rebasing: floats[..<count])
  }

  deinit {
    UnsafeMutableRawPointer(values.baseAddress)?.deallocate()
  }

  /// A part of the arena.
  package subscript(range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[range])
  }
}
