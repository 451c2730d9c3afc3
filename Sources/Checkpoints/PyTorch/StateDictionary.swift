/// Finds the weights among what a pickle holds.
///
/// A file may hold the weights themselves, or a dictionary with the weights under `state_dict` or
/// the like beside an epoch number and optimiser state.
struct StateDictionary {
  private let machine: PickleMachine
  private let path: String

  /// Keys preferred if several hold tensors, first match wins.
  private static let preferredKeys = [
    "state_dict", "model_state_dict", "generator", "generator_state_dict", "netG", "G",
    "G_state_dict", "model", "net", "network", "params_ema", "params", "weights",
  ]

  /// Looks at the values of a machine that has run.
  init(_ machine: PickleMachine, path: String) {
    self.machine = machine
    self.path = path
  }

  /// The named views of the weights, in the order of the file.
  ///
  /// - Parameters:
  ///   - root: The value of the pickle.
  ///   - entry: The key of the dictionary to use, dotted if nested; nil to find it.
  /// - Returns: Names and views, at least one.
  /// - Throws: `TensorFileError` if there are no tensors, or several sets to choose from.
  func views(_ root: PickleHandle, entry: String?) throws(TensorFileError)
    -> [(name: String, view: PickleTensor)]
  {
    var current = root
    var path = (entry?.split(separator: ".") ?? []).map(String.init)
    while let key = path.first, let child = members(current).first(where: { $0.key == key })?.value
    {
      if case .tensor = machine.heap[child] { break }
      current = child
      path.removeFirst()
    }
    let found = try views(below: current)
    guard !path.isEmpty else { return found }
    // What is left are the first words of the tensors' names.
    let prefix = path.joined(separator: ".") + "."
    let chosen = found.filter { $0.name.hasPrefix(prefix) }
    guard !chosen.isEmpty else {
      throw TensorFileError(path: self.path, reason: "there is no entry \"\(entry ?? "")\"")
    }
    return chosen.map { (String($0.name.dropFirst(prefix.count)), $0.view) }
  }

  /// The named views of the weights in a dictionary, or in the one dictionary inside it.
  private func views(below root: PickleHandle) throws(TensorFileError)
    -> [(name: String, view: PickleTensor)]
  {
    var current = root
    // Deeper nesting than this is not a weight file, and a dictionary may contain itself.
    for _ in 0..<16 {
      let here = members(current)
      let views: [(name: String, view: PickleTensor)] = here.compactMap { key, value in
        guard case .tensor(let view) = machine.heap[value] else { return nil }
        return (key, view)
      }
      // Beside the weights, a step, a score or some noise may be tensors too.
      let weights = views.count { !$0.view.shape.isEmpty }
      guard let child = try child(of: here, beside: weights) else {
        guard !views.isEmpty else { throw noTensors }
        return views
      }
      current = child
    }
    throw noTensors
  }

  /// The one dictionary to go on with; nil where none holds tensors, or where the tensors beside them
  /// are the weights: they are more than any dictionary holds.
  private func child(
    of members: [(key: String, value: PickleHandle)], beside weights: Int
  ) throws(TensorFileError) -> PickleHandle? {
    var known: [PickleHandle: Bool] = [:]
    let holders = members.filter { member in
      if case .tensor = machine.heap[member.value] { return false }
      return holdsTensors(member.value, known: &known, depth: 0)
    }
    var counts: [PickleHandle: Int] = [:]
    let most = holders.map { tensorCount($0.value, known: &counts, depth: 0) }.max() ?? 0
    guard most > weights else { return nil }
    if holders.count <= 1 { return holders.first?.value }
    for key in Self.preferredKeys {
      if let holder = holders.first(where: { $0.key == key }) { return holder.value }
    }
    let keys = holders.map { "\"\($0.key)\"" }.joined(separator: ", ")
    throw TensorFileError(
      path: path, reason: "several entries hold tensors: \(keys); name the one to use with --entry")
  }

  /// Tensors in a dictionary and in those inside it.
  private func tensorCount(
    _ handle: PickleHandle, known: inout [PickleHandle: Int], depth: Int
  ) -> Int {
    if case .tensor = machine.heap[handle] { return 1 }
    guard depth < 16 else { return 0 }
    if let count = known[handle] { return count }
    known[handle] = 0
    var count = 0
    for member in members(handle) {
      let (sum, overflow) = count.addingReportingOverflow(
        tensorCount(member.value, known: &known, depth: depth + 1))
      count = overflow ? .max : sum
    }
    known[handle] = count
    return count
  }

  private func holdsTensors(
    _ handle: PickleHandle, known: inout [PickleHandle: Bool], depth: Int
  ) -> Bool {
    if case .tensor = machine.heap[handle] { return true }
    guard depth < 16 else { return false }
    if let answer = known[handle] { return answer }
    known[handle] = false
    let answer = members(handle).contains {
      holdsTensors($0.value, known: &known, depth: depth + 1)
    }
    known[handle] = answer
    return answer
  }

  /// The members of a dictionary whose keys are text or numbers; none for other values.
  private func members(_ handle: PickleHandle) -> [(key: String, value: PickleHandle)] {
    guard case .dictionary(let pairs) = machine.heap[handle] else { return [] }
    return stride(from: 0, to: pairs.count - 1, by: 2).compactMap { index in
      switch machine.heap[pairs[index]] {
      case .string(let key): (key, pairs[index + 1])
      case .integer(let key): (String(key), pairs[index + 1])
      default: nil
      }
    }
  }

  private var noTensors: TensorFileError {
    TensorFileError(path: path, reason: "holds no dictionary of tensors")
  }
}
