/// Reads the two file formats of `torch.save`, without Python and without running anything.
///
/// - The zip format (since PyTorch 1.6): member `data.pkl` describes the tensors, members
///   `data/<key>` hold the storages.
/// - The old format (2017): pickles for a magic number, a version, the byte order, the object and
///   the list of storage keys, then each storage with its element count in front.
enum PyTorchFile {
  /// The number that a file in the old format starts with, as a pickle.
  private static let legacyMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// Reads the tensors of a zip archive.
  ///
  /// - Throws: `TensorFileError`.
  static func parseZip(_ bytes: FileBytes, path: String, entry: String?) throws(TensorFileError)
    -> [(name: String, tensor: StoredTensor)]
  {
    let archive = try ZipArchive(bytes, path: path)
    let pickles = archive.members.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw TensorFileError(
        path: path, reason: "a zip archive without data.pkl: it was not written by torch.save")
    }
    let folder = pickle.dropLast("data.pkl".count)
    guard archive.members[folder + "constants.pkl"] == nil else {
      throw TensorFileError(
        path: path,
        reason: "a TorchScript program, not weights: in PyTorch, "
          + "torch.save(torch.jit.load(file).state_dict(), other) makes a file of its weights")
    }
    guard let range = try archive.verifiedRange(pickle) else { return [] }
    if let order = try archive.verifiedRange(folder + "byteorder") {
      let text = bytes.withUnsafeBytes { String(decoding: $0[order], as: UTF8.self) }
      guard text == "little" else {
        throw TensorFileError(path: path, reason: "byte order \"\(text)\" is not supported")
      }
    }
    return try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(TensorFileError) in
      var machine = PickleMachine(UnsafeRawBufferPointer(rebasing: all[range]))
      let root = try run(&machine, path: path)
      let views = try StateDictionary(machine, path: path).views(root, entry: entry)
      var ranges: [String: Range<Int>] = [:]
      for key in Set(views.map(\.view.storage.key)) {
        ranges[key] = try archive.verifiedRange("\(folder)data/\(key)")
      }
      return try PyTorchViews(bytes: bytes, storages: ranges, path: path).tensors(views)
    }
  }

  /// Reads the tensors of a file in the old format.
  ///
  /// - Throws: `TensorFileError`.
  static func parseLegacy(_ bytes: FileBytes, path: String, entry: String?)
    throws(TensorFileError) -> [(name: String, tensor: StoredTensor)]
  {
    try bytes.withUnsafeBytes { (all: UnsafeRawBufferPointer) throws(TensorFileError) in
      let machine = try checkPreamble(all, path: path)
      var content = PickleMachine(all, at: machine.position)
      let root = try run(&content, path: path)
      let views = try StateDictionary(content, path: path).views(root, entry: entry)
      var keyList = PickleMachine(all, at: content.position)
      let keys = try run(&keyList, path: path)
      guard case .list(let keyHandles) = keyList.heap[keys] else {
        throw TensorFileError(path: path, reason: "the list of storages is missing")
      }
      var position = keyList.position
      var ranges: [String: Range<Int>] = [:]
      for handle in keyHandles {
        guard case .string(let key) = keyList.heap[handle],
          let elementType = content.storageTypes[key]
        else { throw TensorFileError(path: path, reason: "a storage has no element type") }
        let range = try storage(all, at: position, elementType, key: key, path: path)
        ranges[key] = range
        position = range.upperBound
      }
      return try PyTorchViews(bytes: bytes, storages: ranges, path: path).tensors(views)
    }
  }

  /// Checks the version and the byte order that follow the magic number.
  private static func checkPreamble(_ all: UnsafeRawBufferPointer, path: String)
    throws(TensorFileError) -> PickleMachine
  {
    var magic = PickleMachine(all)
    let first = try run(&magic, path: path)
    guard magic.heap[first] == .largeInteger(legacyMagic) else {
      throw TensorFileError(path: path, reason: "a pickle, but not one that torch.save has written")
    }
    var version = PickleMachine(all, at: magic.position)
    let number = try run(&version, path: path)
    guard version.heap[number] == .integer(1001) else {
      throw TensorFileError(path: path, reason: "an unknown version of the old PyTorch format")
    }
    var system = PickleMachine(all, at: version.position)
    guard case .dictionary(let pairs) = system.heap[try run(&system, path: path)] else {
      throw TensorFileError(path: path, reason: "the byte order is missing")
    }
    for index in stride(from: 0, to: pairs.count - 1, by: 2)
    where system.heap[pairs[index]] == .string("little_endian") {
      guard system.heap[pairs[index + 1]] == .bool(true) else {
        throw TensorFileError(path: path, reason: "big-endian files are not supported")
      }
    }
    return system
  }

  /// Finds the bytes of a storage behind its element count.
  private static func storage(
    _ all: UnsafeRawBufferPointer, at position: Int, _ elementType: StoredElementType, key: String,
    path: String
  ) throws(TensorFileError) -> Range<Int> {
    let available = all.count - position - 8
    guard available >= 0 else {
      throw TensorFileError(path: path, reason: "storage \"\(key)\" has been cut short")
    }
    let count = Int64(littleEndian: all.loadUnaligned(fromByteOffset: position, as: Int64.self))
    guard count >= 0, count <= available / elementType.byteCount else {
      throw TensorFileError(
        path: path,
        reason: "storage \"\(key)\" of \(count) elements has been cut short: "
          + "\(available) bytes are left")
    }
    return position + 8..<position + 8 + Int(count) * elementType.byteCount
  }

  private static func run(_ machine: inout PickleMachine, path: String) throws(TensorFileError)
    -> PickleHandle
  {
    do {
      return try machine.run()
    } catch {
      throw TensorFileError(path: path, reason: error.reason)
    }
  }
}
