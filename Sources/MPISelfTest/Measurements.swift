import Communication
import Foundation

/// Prints the comparison of the tree with the library's sum, for several ways to cut a buffer.
let measurements = [
  SelfTestCase(name: "measure") { context in
    if context.rank == 0 { print(context.communicator.transportDescription) }
    let environment = ProcessInfo.processInfo.environment
    let chunks = (environment["CHUNKS"] ?? "4194304").split(separator: ",").compactMap { Int($0) }
    let windows = (environment["WINDOWS"] ?? "2").split(separator: ",").compactMap { Int($0) }
    let sizes = (environment["SIZES"] ?? "1,4,16,64").split(separator: ",").compactMap {
      Int($0).map { $0 << 20 }
    }
    let repetitions = environment["REPETITIONS"].flatMap { Int($0) } ?? 15
    for chunkBytes in chunks {
      for window in windows {
        let rows = try ReductionBenchmark.run(
          context.communicator, sizes: sizes, repetitions: repetitions, chunkBytes: chunkBytes,
          window: window)
        for row in rows where context.rank == 0 {
          print(
            "chunk \(chunkBytes >> 10) KiB, window \(window), \(row.bytes >> 20) MiB:",
            String(
              format:
                "tree %.3f ms (%.2f GB/s), library %.3f ms (%.2f GB/s), ratio %.2f, bf16 %.2f, int8 %.2f",
              row.treeSeconds * 1e3, row.treeBandwidth / 1e9, row.librarySeconds * 1e3,
              row.libraryBandwidth / 1e9, row.ratio,
              (row.shortSeconds[.bfloat16] ?? .nan) / row.treeSeconds,
              (row.shortSeconds[.int8] ?? .nan) / row.treeSeconds))
        }
      }
    }
  }
]
