import Autodiff
import Kernels
import Synchronization
import TensorCore

/// What happened to probes, in order.
final class ProbeLog: Sendable {
  private let entries = Mutex<[String]>([])

  var all: [String] { entries.withLock { $0 } }

  func add(_ entry: String) { entries.withLock { $0.append(entry) } }
}

/// The sum of its inputs, which notes for which of them its backward was asked.
struct Probe: Operation {
  let name: String
  let log: ProbeLog

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Void) {
    (inputs.dropFirst().reduce(inputs[0].value) { $0 + $1.value }, ())
  }

  func backward(_ outputGradient: Variable, _: Void, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    log.add(name + needs.map { $0 ? "1" : "0" }.joined())
    return needs.map { $0 ? outputGradient : nil }
  }

  static func apply(_ name: String, _ log: ProbeLog, _ inputs: Variable...) -> Variable {
    Variable.apply(Probe(name: name, log: log), inputs)
  }
}
