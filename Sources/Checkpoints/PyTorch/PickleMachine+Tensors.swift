/// The few things that an allowed name can do.
extension PickleMachine {
  /// Carries out a call of a global with a tuple of arguments.
  mutating func call(_ callee: PickleHandle, _ argumentTuple: PickleHandle) throws(PickleError)
    -> PickleValue
  {
    guard case .global(let global) = heap[callee], case .tuple(let arguments) = heap[argumentTuple]
    else { throw PickleError(reason: "something is called that is not a name with arguments") }
    switch global {
    case .orderedDictionary: return try orderedDictionary(arguments)
    case .size:
      guard arguments.count == 1, let items = items(of: arguments[0]) else { break }
      return .tuple(items)
    case .rebuildTensor, .rebuildTensorV2:
      return .tensor(try tensor(arguments))
    case .rebuildParameter, .rebuildParameterWithState, .tensorType:
      guard let first = arguments.first else { return .emptyTensor }
      guard case .tensor = heap[first] else { break }
      return heap[first]
    case .rebuildFromType:
      // (function, type, arguments, state): the same tensor inside a subclass.
      guard arguments.count == 4, case .global(let inner) = heap[arguments[0]],
        inner == .rebuildTensorV2 || inner == .rebuildTensor || inner == .rebuildParameter,
        case .global(.tensorType) = heap[arguments[1]]
      else { break }
      return try call(arguments[0], arguments[2])
    case .defaultDictionary: return .dictionary([])
    case .plainData: return .plainData
    case .storageType: break
    }
    throw PickleError(reason: "a tensor is described in a way that is not known")
  }

  /// Gives an object its state: tensors of old files get their content, the rest has none that
  /// matters.
  mutating func build(_ target: PickleHandle, state: PickleHandle) throws(PickleError) {
    switch heap[target] {
    case .emptyTensor:
      guard case .tuple(let fields) = heap[state], let first = fields.first else {
        throw PickleError(reason: "a tensor is described in a way that is not known")
      }
      if case .tensor = heap[first] {
        heap[target] = heap[first]
      } else {
        heap[target] = .tensor(try tensor(fields))
      }
    // A dictionary's attributes (`_metadata`) and a parameter's flags (`requires_grad`).
    case .dictionary, .tensor, .plainData: break
    default: throw PickleError(reason: "a value is given a state that it cannot have")
    }
  }

  /// Resolves a reference to a storage: ("storage", type, key, location, count, view).
  mutating func persistent(_ reference: PickleHandle) throws(PickleError) -> PickleValue {
    guard case .tuple(let fields) = heap[reference], fields.count >= 5,
      heap[fields[0]] == .string("storage"),
      case .global(.storageType(let elementType)) = heap[fields[1]],
      case .string(let key) = heap[fields[2]],
      case .integer(let count) = heap[fields[4]], count >= 0
    else {
      throw PickleError(reason: "a storage is described in a way that is not known")
    }
    guard storageTypes.updateValue(elementType, forKey: key) ?? elementType == elementType else {
      throw PickleError(reason: "storage \"\(key)\" has two element types")
    }
    var storage = PickleStorage(elementType: elementType, key: key, offset: 0, count: count)
    // Files of 2017 may give (key, offset, count) of a view of the storage.
    if fields.count >= 6, case .tuple(let view) = heap[fields[5]] {
      guard view.count == 3, case .integer(let offset) = heap[view[1]],
        case .integer(let viewCount) = heap[view[2]], offset >= 0, viewCount >= 0,
        offset <= count, viewCount <= count - offset
      else { throw PickleError(reason: "a view of a storage reaches beyond it") }
      storage.offset = offset
      storage.count = viewCount
    }
    return .storage(storage)
  }

  /// Describes a view by (storage, offset, shape, strides, ...).
  private func tensor(_ arguments: [PickleHandle]) throws(PickleError) -> PickleTensor {
    guard arguments.count >= 4, case .storage(let storage) = heap[arguments[0]],
      case .integer(let offset) = heap[arguments[1]], offset >= 0,
      let shape = integers(arguments[2]), let strides = integers(arguments[3]),
      shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }),
      strides.allSatisfy({ $0 >= 0 })
    else { throw PickleError(reason: "a tensor is described in a way that is not known") }
    return PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }

  private mutating func orderedDictionary(_ arguments: [PickleHandle]) throws(PickleError)
    -> PickleValue
  {
    guard let first = arguments.first else { return .dictionary([]) }
    guard arguments.count == 1, let pairs = items(of: first) else {
      throw PickleError(reason: "a dictionary is described in a way that is not known")
    }
    // One long list could be turned into any number of dictionaries by a few bytes each.
    copiedPairCount += pairs.count
    guard copiedPairCount <= position else {
      throw PickleError(reason: "the pickle builds more dictionaries than it has content for")
    }
    var flat: [PickleHandle] = []
    for pair in pairs {
      guard let items = items(of: pair), items.count == 2 else {
        throw PickleError(reason: "a dictionary has a key without a value")
      }
      flat += items
    }
    return .dictionary(flat)
  }

  private func items(of handle: PickleHandle) -> [PickleHandle]? {
    switch heap[handle] {
    case .tuple(let items), .list(let items): items
    default: nil
    }
  }

  private func integers(_ handle: PickleHandle) -> [Int]? {
    guard let items = items(of: handle), items.count <= 64 else { return nil }
    var result: [Int] = []
    for item in items {
      guard case .integer(let value) = heap[item] else { return nil }
      result.append(value)
    }
    return result
  }
}
