/// A value of a pickle: a number of its place in a `PickleHeap`.
struct PickleHandle: Hashable, Sendable {
  fileprivate var index: Int
}

/// What a pickle can build here: plain data and tensors.
///
/// Values refer to one another by place instead of by reference. A hostile pickle that nests a
/// million tuples or contains itself then costs memory in proportion to its length and nothing
/// more.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer that needs more than 64 bits, little-endian two's complement.
  case largeInteger([UInt8])
  case double(Double)
  case string(String)
  case bytes(Range<Int>)
  case tuple([PickleHandle])
  case list([PickleHandle])
  /// Key, value, key, value ...
  case dictionary([PickleHandle])
  case global(PickleGlobal)
  case storage(PickleStorage)
  case tensor(PickleTensor)
  /// A parameter that `NEWOBJ` made and `BUILD` has not filled yet.
  case emptyTensor
  /// Data that are no weights; what is put into it is forgotten.
  case plainData
}

/// A flat array of elements that tensors are views of.
struct PickleStorage: Equatable {
  var elementType: StoredElementType
  /// The name under which the file holds the bytes.
  var key: String
  /// First element of this storage within the one that the file holds under `key`.
  var offset: Int
  /// Number of elements.
  var count: Int
}

/// A strided view of a storage.
struct PickleTensor: Equatable {
  var storage: PickleStorage
  /// First element within the storage.
  var offset: Int
  var shape: [Int]
  /// Distance between neighbours along each axis, in elements.
  var strides: [Int]
}

/// The values of one pickle.
struct PickleHeap {
  private var values: [PickleValue] = []

  /// Stores a value and returns its place.
  mutating func add(_ value: PickleValue) -> PickleHandle {
    values.append(value)
    return PickleHandle(index: values.count - 1)
  }

  /// The value at a place.
  subscript(handle: PickleHandle) -> PickleValue {
    get { values[handle.index] }
    set { values[handle.index] = newValue }
  }

  /// Appends to the list or dictionary at a place, in place; false if it is neither.
  mutating func append(_ items: some Sequence<PickleHandle>, to handle: PickleHandle) -> Bool {
    // The value is taken out while it changes, so that its array is not copied for each append.
    let value = values[handle.index]
    values[handle.index] = .none
    switch value {
    case .list(var list):
      list += items
      values[handle.index] = .list(list)
    case .dictionary(var pairs):
      pairs += items
      values[handle.index] = .dictionary(pairs)
    case .plainData: values[handle.index] = .plainData
    default:
      values[handle.index] = value
      return false
    }
    return true
  }
}
