/// Memory that snapshots are copied into, kept from one to the next.
///
/// Not safe to share by itself: `BackgroundCheckpointWriter` makes sure that only one side uses it.
final class SnapshotBuffer: @unchecked Sendable {
  private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// Starts without memory.
  init() {}

  deinit { storage.deallocate() }

  /// Makes room and touches every page, so that the first copy is as fast as later ones.
  func reserve(_ byteCount: Int) {
    guard byteCount > storage.count else { return }
    storage.deallocate()
    storage = .allocate(byteCount: byteCount, alignment: 4096)
    storage.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Copies all tensors and returns a snapshot that refers to the copies.
  func copy(_ snapshot: CheckpointSnapshot) -> CheckpointSnapshot {
    reserve(Self.byteCount(of: snapshot))
    var offset = 0
    let files = snapshot.files.map { file in
      CheckpointSnapshot.File(
        name: file.name,
        tensors: file.tensors.map { tensor in
          let target = UnsafeMutableRawBufferPointer(
            rebasing: storage[offset..<offset + tensor.byteCount])
          tensor.copyBytes(into: target)
          offset += Self.padded(tensor.byteCount)
          return NamedTensor(
            name: tensor.name, shape: tensor.shape, elementType: tensor.elementType,
            bytes: UnsafeRawBufferPointer(target))
        }, metadata: file.metadata)
    }
    return CheckpointSnapshot(state: snapshot.state, files: files)
  }

  /// Bytes that a snapshot's copies take, each starting on a cache line.
  static func byteCount(of snapshot: CheckpointSnapshot) -> Int {
    snapshot.files.reduce(0) { sum, file in
      file.tensors.reduce(sum) { $0 + padded($1.byteCount) }
    }
  }

  private static func padded(_ byteCount: Int) -> Int { (byteCount + 63) & ~63 }
}
