import CKernels
import Foundation

/// Sets the number of threads that this rank computes with: as configured, else the environment's
/// `OMP_NUM_THREADS`, else an equal share of the processors.
package func useThreads(_ configured: Int, ranksOnHost: Int) -> Int {
  let environment = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"].flatMap { Int($0) }
  let share = max(1, ProcessInfo.processInfo.activeProcessorCount / max(ranksOnHost, 1))
  let threads = min(configured > 0 ? configured : max(1, environment ?? share), 4096)
  ckernels_set_thread_count(Int32(threads))
  return threads
}
