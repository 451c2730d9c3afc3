import Checkpoints
import Testing

/// Files of the old format that PyTorch no longer writes, put together instruction by instruction.
@Suite struct LegacyPickleTests {
  /// Assembles pickles.
  private struct Pickle {
    var bytes: [UInt8] = [0x80, 2]

    mutating func op(_ text: String) { bytes += Array(text.utf8) }
    mutating func global(_ module: String, _ name: String) { op("c\(module)\n\(name)\n") }
    mutating func string(_ text: String) { bytes += [0x55, UInt8(text.utf8.count)] + text.utf8 }
    mutating func integer(_ value: UInt8) { bytes += [0x4B, value] }
    mutating func tuple(_ values: [UInt8]) {
      op("(")
      values.forEach { integer($0) }
      op("t")
    }
    mutating func newObject() { bytes.append(0x81) }

    /// A reference to storage "s" of eight floats, as `torch.save` writes it.
    mutating func storage(view: [UInt8]? = nil) {
      op("(")
      string("storage")
      global("torch", "FloatStorage")
      string("s")
      string("cpu")
      integer(8)
      if let view {
        op("(")
        string("v")
        view.forEach { integer($0) }
        op("t")
      } else {
        op("N")
      }
      op("tQ")
    }

    /// A call of a rebuilding function for a tensor of the storage.
    mutating func tensor(
      _ function: String, offset: UInt8, shape: [UInt8], strides: [UInt8], view: [UInt8]? = nil
    ) {
      global("torch._utils", function)
      op("(")
      storage(view: view)
      integer(offset)
      tuple(shape)
      tuple(strides)
      if function.hasSuffix("_v2") {
        bytes.append(0x89)
        global("collections", "OrderedDict")
        op(")R")
      }
      op("tR")
    }
  }

  /// A whole file whose object is a dictionary with "w", and whose storage "s" holds 0 to 7.
  private func file(_ value: (inout Pickle) -> Void) -> FileBytes {
    var object = Pickle()
    object.op("}")
    object.string("w")
    value(&object)
    object.op("s.")
    var keys = Pickle()
    keys.op("](")
    keys.string("s")
    keys.op("e.")
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
    let system: [UInt8] = [0x80, 2, 0x7D, 0x2E]
    let count = withUnsafeBytes(of: Int64(8).littleEndian) { Array($0) }
    let data = (0..<8).flatMap { value in withUnsafeBytes(of: Float(value)) { Array($0) } }
    return FileBytes(magic + version + system + object.bytes + keys.bytes + count + data)
  }

  private func values(_ value: (inout Pickle) -> Void) throws -> ([Int], [Float]) {
    let tensor = try WeightFile.parse(file(value), path: "old.pth").tensor("w")
    return (tensor.shape, tensor.floats())
  }

  private func refusal(_ value: (inout Pickle) -> Void) throws -> String {
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.parse(file(value), path: "old.pth")
    }
    return try #require(error).reason
  }

  @Test func theFirstWayOfDescribingTensors() throws {
    let (shape, floats) = try values {
      $0.tensor("_rebuild_tensor", offset: 2, shape: [2, 3], strides: [3, 1])
    }
    #expect(shape == [2, 3] && floats == [2, 3, 4, 5, 6, 7])
  }

  @Test func parametersFilledByTheirState() throws {
    let (shape, floats) = try values { pickle in
      pickle.global("torch.nn.parameter", "Parameter")
      pickle.op(")")
      pickle.newObject()
      pickle.op("(")
      pickle.tensor("_rebuild_tensor", offset: 0, shape: [3], strides: [1])
      pickle.op("NN")
      pickle.bytes += [0x88, 0x89]
      pickle.op("tb")
    }
    #expect(shape == [3] && floats == [0, 1, 2])
  }

  @Test func tensorsFilledByTheirState() throws {
    let (_, floats) = try values { pickle in
      pickle.global("torch", "FloatTensor")
      pickle.op(")")
      pickle.newObject()
      pickle.op("(")
      pickle.storage()
      pickle.integer(1)
      pickle.tuple([2])
      pickle.tuple([3])
      pickle.op("tb")
    }
    #expect(floats == [1, 4])
  }

  @Test func parametersMadeFromTensors() throws {
    let (_, floats) = try values { pickle in
      pickle.global("torch._utils", "_rebuild_parameter")
      pickle.op("(")
      pickle.tensor("_rebuild_tensor_v2", offset: 7, shape: [], strides: [])
      pickle.bytes.append(0x88)
      pickle.op("NtR")
    }
    #expect(floats == [7])
  }

  @Test func viewsOfStorages() throws {
    let (_, floats) = try values {
      $0.tensor("_rebuild_tensor", offset: 1, shape: [2], strides: [1], view: [4, 3])
    }
    #expect(floats == [5, 6])
    #expect(
      try refusal {
        $0.tensor("_rebuild_tensor", offset: 2, shape: [2], strides: [1], view: [4, 3])
      }.contains("beyond"))
    #expect(
      try refusal {
        $0.tensor("_rebuild_tensor", offset: 0, shape: [1], strides: [1], view: [6, 3])
      }.contains("beyond"))
  }

  @Test func expandedAndTransposedViews() throws {
    let (_, expanded) = try values {
      $0.tensor("_rebuild_tensor_v2", offset: 3, shape: [2, 2], strides: [0, 1])
    }
    #expect(expanded == [3, 4, 3, 4])
    let (_, transposed) = try values {
      $0.tensor("_rebuild_tensor_v2", offset: 0, shape: [2, 1, 4], strides: [1, 200, 2])
    }
    #expect(transposed == [0, 2, 4, 6, 1, 3, 5, 7])
    let (shape, empty) = try values {
      $0.tensor("_rebuild_tensor_v2", offset: 0, shape: [0, 9], strides: [9, 1])
    }
    #expect(shape == [0, 9] && empty.isEmpty)
  }

  @Test func viewsBeyondTheStorageAreRefused() throws {
    let reason = try refusal {
      $0.tensor("_rebuild_tensor_v2", offset: 3, shape: [6], strides: [1])
    }
    #expect(reason.contains("beyond"))
  }

  @Test func anExpandedViewCannotFillTheMemory() throws {
    let reason = try refusal {
      $0.tensor(
        "_rebuild_tensor_v2", offset: 0, shape: [200, 200, 200, 200], strides: [0, 0, 0, 0])
    }
    #expect(reason.contains("far larger"))
  }

  @Test(arguments: [
    ("builtins", "eval"), ("os", "system"), ("torch", "load"), ("torch.hub", "load"),
    ("torch", "ComplexFloatStorage"), ("numpy", "load"),
    ("collections", "ChainMap"), ("torch._utils", "_rebuild_sparse_tensor"),
  ])
  func everyOtherGlobalIsRefusedByName(_ module: String, _ name: String) throws {
    let reason = try refusal { pickle in
      pickle.global(module, name)
      pickle.op(")R")
    }
    #expect(reason.contains("\"\(module).\(name)\""))
  }

  @Test func deepNestingAndCyclesEndInAnError() throws {
    let nested = try refusal { pickle in
      pickle.bytes += [UInt8](repeating: UInt8(ascii: "]"), count: 200_000)
      pickle.bytes += [UInt8](repeating: UInt8(ascii: "a"), count: 199_999)
    }
    #expect(nested.contains("no dictionary of tensors"))
    let cyclic = try refusal { pickle in
      pickle.op("}")
      pickle.bytes += [0x71, 0]
      pickle.string("self")
      pickle.bytes += [0x68, 0]
      pickle.op("s")
    }
    #expect(cyclic.contains("no dictionary of tensors"))
    let hungry = try refusal { pickle in
      pickle.op("(")
      for _ in 0..<1000 { pickle.bytes += [0x4E, 0x4E, 0x86] }
      pickle.op("t")
      pickle.bytes += [0x85, 0x71, 1]
      for _ in 0..<1000 {
        pickle.global("collections", "OrderedDict")
        pickle.bytes += [0x68, 1]
        pickle.op("R0")
      }
      pickle.op("N")
    }
    #expect(hungry.contains("more dictionaries"))
  }

  @Test func unknownInstructionsAreRefused() throws {
    #expect(try refusal { $0.bytes.append(0x92) }.contains("0x92"))
    #expect(try refusal { $0.op("i") }.contains("0x69"))
    #expect(try refusal { $0.op("tR") }.contains("mark"))
  }
}
