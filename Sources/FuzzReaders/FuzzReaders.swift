import Foundation
import ReaderFuzzing
import Synchronization

/// Gives damaged files to every reader; `launch/fuzz` runs it under sanitizers.
///
/// `FuzzReaders FIXTURES SEED FIRST COUNT`: cases FIRST, FIRST + 1 and so on. Whatever goes wrong names
/// the case, which `FuzzReaders FIXTURES SEED CASE 1` runs again.
@main
enum FuzzReaders {
  /// Seconds that a case may take; sanitizers are slow and machines are shared.
  private static let limit = 60

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 5, let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
      let count = Int(arguments[4]), first >= 0, count > 0
    else {
      say("usage: FuzzReaders FIXTURES SEED FIRST COUNT")
      exit(64)
    }
    do {
      try run(fixtures: arguments[1], seed: seed, cases: first..<first + count)
    } catch {
      say("\(error)")
      exit(1)
    }
  }

  private static func run(fixtures: String, seed: UInt64, cases: Range<Int>) throws {
    let folder = NSTemporaryDirectory() + "fuzz-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let campaign = try FuzzCampaign(fixtures: fixtures, folder: folder, seed: seed)
    let refusing = try campaign.readersThatRefuseWholeFiles()
    guard refusing.isEmpty else {
      say("these readers refuse a whole file: \(refusing.joined(separator: ", "))")
      exit(1)
    }
    let watchdog = Watchdog(secondsPerCase: limit)
    tellCaseOfCrash()
    var accepted = [Int](repeating: 0, count: campaign.names.count)
    var total = accepted
    for number in cases {
      if number % 1000 == 0 { say("case \(number)") }
      currentCase.store(number, ordering: .relaxed)
      watchdog.begin(number)
      do {
        let reader = number % campaign.names.count
        total[reader] += 1
        if try campaign.run(case: number) { accepted[reader] += 1 }
      } catch {
        say("case \(number) (\(campaign.names[number % campaign.names.count])): \(error)")
        exit(1)
      }
    }
    for (index, name) in campaign.names.enumerated() {
      print("\(name): \(total[index]) files, \(accepted[index]) of them taken for whole")
    }
    print("\(cases.count) damaged files, seed \(seed): no crash, no hang")
  }
}

/// Ends the process where a case takes too long, and tells which.
private final class Watchdog: Sendable {
  private let current = Mutex<(number: Int, start: ContinuousClock.Instant)?>(nil)

  init(secondsPerCase limit: Int) {
    let thread = Thread { [self] in
      while true {
        sleep(1)
        guard let current = current.withLock({ $0 }) else { continue }
        if ContinuousClock.now - current.start > .seconds(limit) {
          say("case \(current.number) has run for \(limit) seconds")
          abort()
        }
      }
    }
    thread.start()
  }

  func begin(_ number: Int) { current.withLock { $0 = (number, .now) } }
}

private let currentCase = Atomic(0)

/// Writes the number of the case where a sanitizer or a trap ends the process.
private func tellCaseOfCrash() {
  for crash in [SIGABRT, SIGILL, SIGTRAP] {
    signal(crash) { number in
      // Nothing here may ask for memory.
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { text in
        var rest = currentCase.load(ordering: .relaxed)
        var start = text.count - 1
        text[start] = UInt8(ascii: "\n")
        repeat {
          start -= 1
          text[start] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        } while rest > 0
        let prefix: StaticString = "fuzz: crash in case "
        _ = write(STDERR_FILENO, prefix.utf8Start, prefix.utf8CodeUnitCount)
        if let address = text.baseAddress {
          _ = write(STDERR_FILENO, address + start, text.count - start)
        }
      }
      signal(number, SIG_DFL)
      raise(number)
    }
  }
}

private func say(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data("fuzz: \(text)\n".utf8))
}
