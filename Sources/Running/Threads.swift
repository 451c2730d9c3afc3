import CKernels
import Foundation

/// Sets the number of threads that this rank computes with: as configured, else the environment's
/// `OMP_NUM_THREADS`, else an equal share of the processors.
package func useThreads(_ configured: Int, ranksOnHost: Int) -> Int {
  let environment = ProcessInfo.processInfo.environment
  let wanted = environment["OMP_NUM_THREADS"].flatMap { Int($0) }
  let share = usableProcessorCount(environment: environment) / max(ranksOnHost, 1)
  let threads = min(configured > 0 ? configured : max(1, wanted ?? share), 4096)
  ckernels_set_thread_count(Int32(threads))
  return threads
}

/// The processors that this process may run on, or fewer where the quota of a container or Slurm's
/// allocation gives less; parts of one do not count.
package func usableProcessorCount(
  environment: [String: String], allowed: Int = Int(ckernels_processor_count()),
  quota: Double? = ProcessorQuota.processors()
) -> Int {
  // Such as "4(x2),2": all ranks have as many threads as the smallest node allows.
  let allocated =
    (environment["SLURM_JOB_CPUS_PER_NODE"] ?? "").split(separator: ",")
    .compactMap { Int($0.prefix { $0 != "(" }) }.min() ?? .max
  let whole = quota.map { Int(min($0, 1e6)) } ?? .max
  return max(1, min(allowed, whole, allocated))
}
