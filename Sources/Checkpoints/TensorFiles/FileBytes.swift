package import Files

/// The bytes of a whole file in memory, owned once and shared by the tensors read from it.
///
/// The bytes never change after initialisation, so the class is safe to share between threads.
/// Reading copies the file instead of mapping it: a mapped file that is cut short while in use ends
/// the process, a copy cannot.
package final class FileBytes: @unchecked Sendable {
  private let storage: UnsafeMutableRawBufferPointer

  /// The number of bytes.
  package var count: Int { storage.count }

  /// Takes `count` bytes that `fill` writes; every byte has to be written.
  package init<Failure: Error>(
    count: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    storage = .allocate(byteCount: count, alignment: 64)
    // A class whose initialiser throws after its last property is set is still deinitialised.
    try fill(storage)
  }

  /// Copies the bytes.
  package convenience init(_ bytes: some Collection<UInt8>) {
    self.init(count: bytes.count) { (buffer: UnsafeMutableRawBufferPointer) throws(Never) in
      buffer.copyBytes(from: bytes)
    }
  }

  deinit { storage.deallocate() }

  /// The bytes, valid while the object lives.
  ///
  /// Use inside `withExtendedLifetime` or through `withUnsafeBytes`.
  var unsafeBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

  /// Gives access to all bytes for the duration of the call.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(unsafeBytes)
  }
}

extension FileBytes {
  /// Reads a whole file.
  ///
  /// - Throws: `SystemCallError` if the file cannot be opened or read, or is cut short meanwhile.
  package static func read(_ path: String) throws(SystemCallError) -> FileBytes {
    let reader = try FileReader(path)
    return try FileBytes(count: reader.byteCount) {
      (buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) in
      try reader.read(into: buffer)
    }
  }
}
