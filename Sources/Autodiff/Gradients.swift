import Kernels
package import TensorCore

/// The gradients of a sum of products by some variables.
///
/// - Formula: `sum over outputs of (output * seed)`, differentiated by each target.
/// - Parameters:
///   - outputs: Variables, each with the gradient that flows into it; nil stands for one, for a scalar.
///   - targets: The variables to differentiate by: leaves or results of operations.
///   - keepsGraph: False gives up what operations have kept as soon as it has been used.
///   - recordsGraph: True records the backward pass, so that the gradients can be differentiated.
/// - Returns: A gradient for each target, or nil where the outputs do not depend on it.
package func gradients(
  of outputs: [(output: Variable, seed: Variable?)], by targets: [Variable],
  keepsGraph: Bool = false, recordsGraph: Bool = false
) -> [Variable?] {
  var results = [Variable?](repeating: nil, count: targets.count)
  Recording.$isOn.withValue(recordsGraph) {
    var pass = BackwardPass(outputs: outputs, targets: targets, addsParts: true)
    pass.run(keepsGraph: keepsGraph, recordsGraph: recordsGraph) { results[$0] = $1.first }
  }
  return results
}

/// Hands out the gradients of a sum of products as soon as they are complete, while the backward pass
/// goes on, and keeps none of them.
///
/// What operations have kept is given up as soon as it has been used.
///
/// - Parameters:
///   - outputs: Variables, each with the gradient that flows into it; nil stands for one, for a scalar.
///   - targets: The variables to differentiate by, each reported once.
///   - receive: Called with the index of a target and the parts whose sum, in their order, is its
///     gradient: one for each use of a leaf. At first with none for those that the outputs do not
///     depend on.
package func handOutGradients(
  of outputs: [(output: Variable, seed: Variable?)], by targets: [Variable],
  _ receive: (_ target: Int, _ parts: [Tensor]) -> Void
) {
  Recording.off {
    var pass = BackwardPass(outputs: outputs, targets: targets, addsParts: false)
    pass.run(keepsGraph: false, recordsGraph: false) { receive($0, $1.map(\.value)) }
  }
}

/// The gradient of a scalar by some variables; see `gradients(of:by:)`.
package func gradients(
  of output: Variable, by targets: [Variable], keepsGraph: Bool = false, recordsGraph: Bool = false
) -> [Variable?] {
  gradients(
    of: [(output, nil)], by: targets, keepsGraph: keepsGraph, recordsGraph: recordsGraph)
}

/// One walk from outputs back to targets, visiting only nodes that lie between them.
private struct BackwardPass {
  private struct Entry {
    let node: Node
    /// Uses of the node's value that have not sent their gradient yet.
    var pendingUses = 0
    var gradient: Variable?
    /// What is still to be added to the gradient.
    var furtherParts: [Variable] = []
    var targets: [Int] = []
  }

  private var entries: [ObjectIdentifier: Entry] = [:]
  private let targetCount: Int
  /// Whether gradients by leaves are added up here.
  private let addsParts: Bool

  init(
    outputs: [(output: Variable, seed: Variable?)], targets: [Variable], addsParts: Bool
  ) {
    targetCount = targets.count
    self.addsParts = addsParts
    var targetIndices: [ObjectIdentifier: [Int]] = [:]
    for (index, target) in targets.enumerated() {
      guard let node = target.node else { continue }
      targetIndices[ObjectIdentifier(node), default: []].append(index)
    }
    let oldest = targets.compactMap(\.node?.sequence).min() ?? Int.max
    let reachable = Self.nodes(behind: outputs.compactMap(\.output.node), downTo: oldest)
    for node in reachable.sorted(by: { $0.sequence < $1.sequence }) {
      let own = targetIndices[ObjectIdentifier(node)] ?? []
      let relevantInputs = node.inputs.compactMap { $0 }
        .filter { entries[ObjectIdentifier($0)] != nil }
      guard !own.isEmpty || !relevantInputs.isEmpty else { continue }
      entries[ObjectIdentifier(node)] = Entry(node: node, targets: own)
      for input in relevantInputs { entries[ObjectIdentifier(input)]?.pendingUses += 1 }
    }
    for (output, seed) in outputs {
      guard let node = output.node, entries[ObjectIdentifier(node)] != nil else { continue }
      precondition(
        seed != nil || output.shape.elementCount == 1, "only a scalar needs no seed gradient")
      accumulate(
        seed ?? Variable(Tensor(repeating: 1, shape: output.shape)), at: ObjectIdentifier(node),
        recordsGraph: false)
    }
  }

  private static func nodes(behind outputs: [Node], downTo oldest: Int) -> [Node] {
    var found: [ObjectIdentifier: Node] = [:]
    var pending = outputs
    while let node = pending.popLast() {
      guard node.sequence >= oldest, found.updateValue(node, forKey: ObjectIdentifier(node)) == nil
      else { continue }
      pending.append(contentsOf: node.inputs.compactMap { $0 })
    }
    return Array(found.values)
  }

  mutating func run(
    keepsGraph: Bool, recordsGraph: Bool, _ receive: (_ target: Int, _ parts: [Variable]) -> Void
  ) {
    func deliver(_ entry: Entry) {
      let parts = (entry.gradient.map { [$0] } ?? []) + entry.furtherParts
      for target in entry.targets { receive(target, parts) }
    }
    let reached = Set(entries.values.flatMap(\.targets))
    for target in 0..<targetCount where !reached.contains(target) { receive(target, []) }
    var ready = entries.values.filter { $0.pendingUses == 0 }.map(\.node)
    ready.sort { $0.sequence < $1.sequence }
    while let node = ready.popLast() {
      guard let entry = entries.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      deliver(entry)
      let inputs = node.inputs
      let needs = inputs.map { input in input.map { entries[ObjectIdentifier($0)] != nil } ?? false
      }
      guard needs.contains(true) else { continue }
      let inputGradients = entry.gradient.flatMap { node.backward?($0, needs) } ?? []
      if !keepsGraph { node.release() }
      for (index, input) in inputs.enumerated() where needs[index] {
        guard let input else { continue }
        if index < inputGradients.count, let gradient = inputGradients[index] {
          accumulate(gradient, at: ObjectIdentifier(input), recordsGraph: recordsGraph)
        }
        entries[ObjectIdentifier(input)]?.pendingUses -= 1
        guard entries[ObjectIdentifier(input)]?.pendingUses == 0 else { continue }
        if input.inputs.isEmpty, let leaf = entries.removeValue(forKey: ObjectIdentifier(input)) {
          // Leaves are older than everything else: in their turn they would all come last.
          deliver(leaf)
        } else {
          let position = ready.firstIndex { $0.sequence > input.sequence } ?? ready.count
          ready.insert(input, at: position)
        }
      }
    }
  }

  private mutating func accumulate(
    _ gradient: Variable, at key: ObjectIdentifier, recordsGraph: Bool
  ) {
    guard entries[key]?.gradient != nil else {
      entries[key]?.gradient = gradient
      return
    }
    if !addsParts, entries[key]?.node.inputs.isEmpty == true {
      entries[key]?.furtherParts.append(gradient)
    } else if recordsGraph {
      let sum = entries[key]?.gradient.map { $0 + gradient }
      entries[key]?.gradient = sum
    } else if var sum = takeGradient(at: key) {
      sum.add(gradient.value)
      entries[key]?.gradient = Variable(sum)
    }
  }

  /// Takes a gradient out, so that nobody else holds its memory and it can be added to in place.
  private mutating func takeGradient(at key: ObjectIdentifier) -> Tensor? {
    defer { entries[key]?.gradient = nil }
    return entries[key]?.gradient?.value
  }
}
