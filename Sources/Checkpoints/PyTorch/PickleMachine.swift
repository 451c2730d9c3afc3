/// What is wrong with a pickle.
struct PickleError: Error, Equatable {
  var reason: String
}

/// Carries out a pickle far enough to find the tensors in it, and nothing else.
///
/// A pickle is a program for a stack machine. This machine has no way to import or call anything:
/// the names a file refers to are looked up in `PickleGlobal`, and everything else ends the
/// reading.
struct PickleMachine {
  /// The values built so far.
  var heap = PickleHeap()
  /// The element type of each storage that was referred to.
  var storageTypes: [String: StoredElementType] = [:]
  /// Number of pairs that were copied from lists into dictionaries.
  var copiedPairCount = 0
  private var input: PickleInput
  private var stack: [PickleHandle] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleHandle] = [:]
  /// The first byte after the pickle, once it has run.
  var position: Int { input.position }

  /// Starts at `position` of `bytes`, which have to outlive the machine.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    input = PickleInput(bytes, at: position)
  }

  /// Runs to the end of the pickle and returns its value.
  ///
  /// - Throws: `PickleError` that names the global or the instruction if it is not an allowed one.
  mutating func run() throws(PickleError) -> PickleHandle {
    while true {
      let opcode = try input.byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      if try pushConstant(opcode) { continue }
      if try changeCollection(opcode) { continue }
      try control(opcode)
    }
  }

  /// Instructions that push a constant.
  private mutating func pushConstant(_ opcode: UInt8) throws(PickleError) -> Bool {
    switch opcode {
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.bool(true))
    case 0x89: push(.bool(false))
    case UInt8(ascii: "K"): push(.integer(Int(try input.byte())))
    case UInt8(ascii: "M"): push(.integer(Int(try input.integer(UInt16.self))))
    case UInt8(ascii: "J"): push(.integer(Int(try input.integer(Int32.self))))
    case UInt8(ascii: "I"): push(try input.decimalLine())
    case UInt8(ascii: "L"): push(try input.decimalLine())
    case 0x8A: push(try input.long(byteCount: Int(try input.byte())))
    case 0x8B: push(try input.long(byteCount: try input.length(UInt32.self)))
    case UInt8(ascii: "G"):
      push(.double(Double(bitPattern: try input.integer(UInt64.self).byteSwapped)))
    case UInt8(ascii: "X"), UInt8(ascii: "T"):
      push(.string(try input.string(byteCount: try input.length(UInt32.self))))
    case 0x8C, UInt8(ascii: "U"):
      push(.string(try input.string(byteCount: Int(try input.byte()))))
    case 0x8D: push(.string(try input.string(byteCount: try input.length(UInt64.self))))
    case UInt8(ascii: "C"): push(.bytes(try input.range(byteCount: Int(try input.byte()))))
    case UInt8(ascii: "B"):
      push(.bytes(try input.range(byteCount: try input.length(UInt32.self))))
    case 0x8E, 0x96:
      push(.bytes(try input.range(byteCount: try input.length(UInt64.self))))
    case UInt8(ascii: "V"): push(.string(try input.line()))
    default: return false
    }
    return true
  }

  /// Instructions that make and fill tuples, lists and dictionaries.
  private mutating func changeCollection(_ opcode: UInt8) throws(PickleError) -> Bool {
    switch opcode {
    case UInt8(ascii: ")"): push(.tuple([]))
    case UInt8(ascii: "]"): push(.list([]))
    case UInt8(ascii: "}"): push(.dictionary([]))
    case 0x85, 0x86, 0x87:
      let count = Int(opcode - 0x84)
      push(.tuple(try pop(count: count)))
    case UInt8(ascii: "t"): push(.tuple(try popToMark()))
    case UInt8(ascii: "l"): push(.list(try popToMark()))
    case UInt8(ascii: "d"):
      let pairs = try popToMark()
      guard pairs.count.isMultiple(of: 2) else {
        throw PickleError(reason: "a dictionary has a key without a value")
      }
      push(.dictionary(pairs))
    case 0x8F: push(.plainData)
    case 0x90: try extend(with: popToMark(), isDictionary: false)
    case 0x91:
      _ = try popToMark()
      push(.plainData)
    case UInt8(ascii: "a"): try extend(with: pop(count: 1), isDictionary: false)
    case UInt8(ascii: "e"): try extend(with: popToMark(), isDictionary: false)
    case UInt8(ascii: "s"): try extend(with: pop(count: 2), isDictionary: true)
    case UInt8(ascii: "u"): try extend(with: popToMark(), isDictionary: true)
    default: return false
    }
    return true
  }

  /// Instructions that steer the machine, use its memory or build objects.
  private mutating func control(_ opcode: UInt8) throws(PickleError) {
    switch opcode {
    case 0x80:
      let version = try input.byte()
      guard version <= 5 else { throw PickleError(reason: "pickle protocol \(version)") }
    case 0x95: _ = try input.integer(UInt64.self)
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "q"): memo[Int(try input.byte())] = try top()
    case UInt8(ascii: "r"): memo[Int(try input.integer(UInt32.self))] = try top()
    case UInt8(ascii: "p"): memo[try decimalKey()] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(Int(try input.byte()))
    case UInt8(ascii: "j"): try recall(Int(try input.integer(UInt32.self)))
    case UInt8(ascii: "g"): try recall(try decimalKey())
    case UInt8(ascii: "c"):
      let module = try input.line()
      try pushGlobal(module: module, name: try input.line())
    case 0x93:
      let names = try pop(count: 2)
      guard case .string(let module) = heap[names[0]], case .string(let name) = heap[names[1]]
      else { throw PickleError(reason: "the name of a global is not text") }
      try pushGlobal(module: module, name: name)
    case UInt8(ascii: "R"), 0x81:
      let operands = try pop(count: 2)
      push(try call(operands[0], operands[1]))
    case UInt8(ascii: "b"):
      let state = try pop()
      try build(try top(), state: state)
    case UInt8(ascii: "Q"): push(try persistent(try pop()))
    default:
      let hex = String(opcode, radix: 16, uppercase: true)
      throw PickleError(
        reason: "pickle instruction 0x\(hex) at byte \(position - 1) is not one that tensors need")
    }
  }

  private mutating func push(_ value: PickleValue) { stack.append(heap.add(value)) }

  private func top() throws(PickleError) -> PickleHandle {
    guard let handle = stack.last, stack.count > marks.last ?? 0 else {
      throw PickleError(reason: "the pickle takes a value from an empty stack")
    }
    return handle
  }

  private mutating func pop() throws(PickleError) -> PickleHandle {
    let handle = try top()
    stack.removeLast()
    return handle
  }

  private mutating func pop(count: Int) throws(PickleError) -> [PickleHandle] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw PickleError(reason: "the pickle takes a value from an empty stack")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(PickleError) -> [PickleHandle] {
    guard let mark = marks.popLast() else { throw PickleError(reason: "a mark is missing") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func extend(with items: [PickleHandle], isDictionary: Bool) throws(PickleError) {
    let target = try top()
    switch heap[target] {
    case .dictionary where isDictionary && items.count.isMultiple(of: 2): break
    case .list where !isDictionary: break
    case .plainData: break
    default: throw PickleError(reason: "items are added to a value that takes none")
    }
    _ = heap.append(items, to: target)
  }

  private mutating func recall(_ key: Int) throws(PickleError) {
    guard let handle = memo[key] else {
      throw PickleError(reason: "memory cell \(key) is read before it is written")
    }
    stack.append(handle)
  }

  private mutating func decimalKey() throws(PickleError) -> Int {
    guard case .integer(let key) = try input.decimalLine() else {
      throw PickleError(reason: "the number of a memory cell is too large")
    }
    return key
  }

  private mutating func pushGlobal(module: String, name: String) throws(PickleError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw PickleError(
        reason:
          "refused: it refers to \"\(module).\(name)\", which is not among the few names that "
          + "weights need; nothing in the file was run. If you trust it, load it in PyTorch and "
          + "save its state_dict() alone")
    }
    push(.global(global))
  }
}
