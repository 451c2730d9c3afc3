import CKernels
import Foundation
import Kernels
import Synchronization
import TensorCore
import TestSupport
import Testing

/// The threads of this process that compute, oneDNN's parallel regions included.
@Suite("Thread pool", .serialized)
struct ThreadPoolTests {
  @Test func theLibraryComputesOnOurThreads() {
    var random = CounterBasedRandom(test: 11)
    let x = ReferenceTensor.random([2, 16, 33, 30], using: &random).tensor(layout: .native)
    let weight = ReferenceTensor.random([16, 16, 5, 5], using: &random).tensor()
    withThreads(2) {
      let before = ckernels_parallel_region_count()
      _ = ConvolutionBackend.$current.withValue(.library) {
        x.convolved(with: weight, settings: ConvolutionSettings(padding: 2))
      }
      #expect(ckernels_parallel_region_count() > before)
    }
  }

  /// What oneDNN asks of OpenMP beyond our part of it would come from libgomp, which knows nothing of
  /// our threads.
  @Test func theLibraryAsksForNothingElseOfOpenMP() throws {
    let maps = try ownMaps()
    let line = try #require(maps.split(separator: "\n").first { $0.contains("/libdnnl.so") })
    let path = try #require(line.split(separator: " ").last)
    let library = try Data(contentsOf: URL(fileURLWithPath: String(path)), options: .alwaysMapped)
    // Names end with a zero byte in the table of dynamic strings.
    let names: [String] = ["GOMP_", "omp_"].flatMap { prefix in
      positions(of: "\0\(prefix)", in: library).map { start in
        String(decoding: library[(start + 1)...].prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    let asked = Set(names.filter { $0.wholeMatch(of: /(GOMP|omp)_[a-z_]+/) != nil })
    #expect(asked.contains("GOMP_parallel"), "\(asked)")
    let program = dlopen(nil, RTLD_NOW)
    let runtime = try #require(dlopen("libgomp.so.1", RTLD_NOW))
    for name in asked {
      #expect(dlsym(program, name) != dlsym(runtime, name), "\(name) is libgomp's")
    }
  }

  /// More threads than processors, several callers at once, loops in loops.
  @Test func everyIndexRunsOnce() {
    let calls = 6
    let counts = (0..<calls).map { _ in Counters(97 * 5) }
    DispatchQueue.concurrentPerform(iterations: calls) { caller in
      withThreads(3) {
        for _ in 0..<200 {
          loop(97) { index in
            let thread = ckernels_thread_index()
            loop(5) { inner in counts[caller].increment(index * 5 + inner) }
            if ckernels_thread_index() != thread { counts[caller].increment(0) }
          }
        }
      }
    }
    for counter in counts { #expect(counter.values.allSatisfy { $0 == 200 }) }
  }

  /// Threads have numbers of their own, and a barrier lets none pass before all have come.
  @Test func aBarrierHoldsAllThreads() throws {
    typealias Body = @convention(c) (UnsafeMutableRawPointer?) -> Void
    typealias Parallel = @convention(c) (Body, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void
    let parallel = unsafeBitCast(
      try #require(dlsym(nil, "GOMP_parallel")), to: Parallel.self)
    Barrier.isBroken.store(false, ordering: .relaxed)
    for round in 1...300 {
      Barrier.arrived.store(0, ordering: .relaxed)
      parallel(
        { _ in
          Barrier.arrived.add(
            1 << (8 * Int(ckernels_thread_index())), ordering: .sequentiallyConsistent)
          Barrier.wait()
          if Barrier.arrived.load(ordering: .sequentiallyConsistent) != 0x010101 {
            Barrier.isBroken.store(true, ordering: .relaxed)
          }
        }, nil, 3, 0)
      if round.isMultiple(of: 100) { usleep(3000) }
    }
    let isBroken = Barrier.isBroken.load(ordering: .relaxed)
    #expect(!isBroken)
  }

  /// What is mapped into this process; the system gives it out in pieces.
  private func ownMaps() throws -> String {
    let file = try #require(fopen("/proc/self/maps", "r"))
    defer { fclose(file) }
    var (text, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func withThreads(_ count: Int32, _ body: () -> Void) {
    let before = ckernels_thread_count()
    defer { ckernels_set_thread_count(before) }
    ckernels_set_thread_count(count)
    body()
  }

  private func positions(of text: String, in data: Data) -> [Int] {
    var (found, start) = ([Int](), data.startIndex)
    while let range = data.range(of: Data(text.utf8), in: start..<data.endIndex) {
      found.append(range.lowerBound)
      start = range.upperBound
    }
    return found
  }
}

/// A barrier as a library calls it, and what the threads leave for each other.
private enum Barrier {
  static let arrived = Atomic<Int>(0)
  static let isBroken = Atomic<Bool>(false)

  static func wait() {
    typealias Function = @convention(c) () -> Void
    guard let symbol = dlsym(nil, "GOMP_barrier") else { return }
    unsafeBitCast(symbol, to: Function.self)()
  }
}

/// Counts by place, from any thread.
private final class Counters: Sendable {
  private let counts: Mutex<[Int]>

  init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

  func increment(_ place: Int) { counts.withLock { $0[place] += 1 } }

  var values: [Int] { counts.withLock { $0 } }
}

private func loop(_ count: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { body in
      ckernels_parallel_for(
        count, { $1?.assumingMemoryBound(to: ((Int) -> Void).self).pointee($0) },
        UnsafeMutableRawPointer(mutating: body))
    }
  }
}
