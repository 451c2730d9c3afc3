import Communication
import Foundation

/// Runs named cases on every rank of an MPI job: `mpirun -n 4 MPISelfTest [CASE ...]`.
///
/// All ranks run the same cases in the same order. The number of failures on any rank decides the
/// exit status: 0 where there is none, 1 otherwise.
@main
struct MPISelfTest {
  static let cases =
    collectiveCases + reductionCases + bucketCases + agreementCases
  /// Run only by name: they end, or measure.
  static let namedCases = faultCases + measurements

  static func main() {
    do {
      try StopSignals.install()
      let communicator = try makeCommunicator()
      do {
        try run(communicator)
      } catch {
        print("rank \(communicator.rank): \(error)")
        communicator.abort(code: 70)
      }
    } catch {
      print(error)
      exit(64)
    }
  }

  private static func run(_ communicator: any Communicator) throws {
    let names = CommandLine.arguments.dropFirst()
    let selected = names.isEmpty ? cases : try names.map(find)
    let context = SelfTestContext(communicator)
    for item in selected {
      context.caseName = item.name
      try item.body(context)
      try communicator.barrier()
    }
    let failures = Int(try communicator.sumOverRanks([Double(context.failures)])[0])
    if communicator.isRoot {
      print("\(selected.count) cases on \(communicator.worldSize) ranks, \(failures) failures")
    }
    try communicator.finalize()
    exit(failures == 0 ? 0 : 1)
  }

  private static func find(_ name: String) throws -> SelfTestCase {
    guard let item = (cases + namedCases).first(where: { $0.name == name }) else {
      let known = (cases + namedCases).map(\.name).joined(separator: ", ")
      throw CommunicationError(.setting, "there is no case \(name); known are \(known)")
    }
    return item
  }
}

/// A piece of work that all ranks do together.
struct SelfTestCase: Sendable {
  let name: String
  let body: @Sendable (SelfTestContext) throws -> Void
}

/// What a case works with: the ranks and a count of failed expectations.
final class SelfTestContext {
  let communicator: any Communicator
  var caseName = ""
  private(set) var failures = 0

  init(_ communicator: any Communicator) {
    self.communicator = communicator
  }

  var rank: Int { communicator.rank }
  var worldSize: Int { communicator.worldSize }

  func expect(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard !condition else { return }
    failures += 1
    print("rank \(rank), case \(caseName): \(message())")
  }
}
