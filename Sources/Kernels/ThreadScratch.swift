import Synchronization
import TensorCore

/// Memory that the threads of a kernel work in, each in a part of its own.
///
/// It is kept from call to call, and a thread's part usually stays where it is: the thread finds it in
/// its own cache, and no thread writes what another one's cache holds.
enum ThreadScratch {
  /// Floats from one thread's part to the next, but for kernels that need more.
  ///
  /// Only what a kernel uses is touched.
  private static let usualStride = 4 << 20

  private static let unused = Mutex<[Tensor]>([])

  /// Lends memory to a kernel.
  ///
  /// - Parameters:
  ///   - threads: The number of threads.
  ///   - count: Floats that each of them needs.
  ///   - body: Is given the first thread's part and the floats from one part to the next.
  /// - Returns: What `body` returns.
  static func withParts<Result>(
    threads: Int, of count: Int, _ body: (UnsafeMutablePointer<Float>, _ stride: Int) -> Result
  ) -> Result {
    let stride = max((count + 15) / 16 * 16, usualStride)
    let kept = unused.withLock { $0.popLast() }
    let needed = threads * stride
    let memory =
      kept.flatMap { $0.shape[0] >= needed ? $0 : nil } ?? Tensor(uninitialized: [needed])
    defer { unused.withLock { $0.append(memory) } }
    return body(memory.mutablePointer, stride)
  }
}
