import Synchronization

/// The memory behind one or more tensors.
///
/// A storage either owns a block of the pool or is a slice of another one, which it keeps alive.
/// Forms derived from its contents (reordered or transformed weights) are kept beside it and are
/// dropped when the contents change.
package final class Storage: @unchecked Sendable {
  /// The first byte; aligned to 64 bytes unless the storage is a slice.
  package let pointer: UnsafeMutableRawPointer
  /// Bytes that may be used.
  package let byteCount: Int
  private let parent: Storage?
  private let derivedForms = Mutex<[String: Tensor]>([:])

  /// Takes a block of uninitialised memory from the pool.
  package init(byteCount: Int) {
    pointer = MemoryPool.shared.allocate(byteCount)
    self.byteCount = byteCount
    parent = nil
  }

  /// Shares a part of another storage's memory.
  package init(sliceOf parent: Storage, byteOffset: Int, byteCount: Int) {
    precondition(
      byteOffset >= 0 && byteCount >= 0 && byteOffset + byteCount <= parent.byteCount,
      "a slice of \(byteCount) bytes at \(byteOffset) leaves a storage of \(parent.byteCount)")
    pointer = parent.pointer + byteOffset
    self.byteCount = byteCount
    self.parent = parent
  }

  deinit {
    if parent == nil { MemoryPool.shared.deallocate(pointer, byteCount: byteCount) }
  }

  /// A form derived from the contents, made when it is asked for the first time.
  ///
  /// - Parameters:
  ///   - key: Names the form: what was done, for which shape.
  ///   - make: Makes the form from the contents.
  /// - Returns: The form that is kept.
  package func derived(_ key: String, make: () -> Tensor) -> Tensor {
    if let form = derivedForms.withLock({ $0[key] }) { return form }
    let form = make()
    derivedForms.withLock { $0[key] = form }
    return form
  }

  /// Drops all derived forms: to be called after the contents have changed.
  package func contentsChanged() {
    derivedForms.withLock { $0.removeAll(keepingCapacity: true) }
  }
}
