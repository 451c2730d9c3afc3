import Checkpoints
import Testing

@Suite struct StoredTensorTests {
  private func tensor<Element: BitwiseCopyable>(
    _ type: StoredElementType, _ elements: [Element]
  ) -> StoredTensor {
    StoredTensor(
      elementType: type, shape: [elements.count],
      bytes: elements.withUnsafeBytes { Array($0) })
  }

  @Test func everyTypeConvertsToFloat32() {
    #expect(
      tensor(.float32, [1.5 as Float, -0.0]).floats().map(\.bitPattern)
        == [Float(1.5).bitPattern, Float(-0.0).bitPattern])
    #expect(tensor(.float64, [0.1, 1e300]).floats() == [0.1, .infinity])
    #expect(
      tensor(.float16, [1 as Float16, 65504, .infinity, 6e-8]).floats()
        == [1, 65504, .infinity, Float(Float16(6e-8))])
    #expect(tensor(.bfloat16, [0x3F80, 0xC000 as UInt16]).floats() == [1, -2])
    #expect(tensor(.int64, [Int64.min, 7]).floats() == [-0x1p63, 7])
    #expect(tensor(.int32, [Int32(-3)]).floats() == [-3])
    #expect(tensor(.int16, [Int16(-3)]).floats() == [-3])
    #expect(tensor(.int8, [Int8(-3)]).floats() == [-3])
    #expect(tensor(.uint64, [UInt64.max]).floats() == [0x1p64])
    #expect(tensor(.uint32, [UInt32.max]).floats() == [0x1p32])
    #expect(tensor(.uint16, [UInt16.max]).floats() == [65535])
    #expect(tensor(.uint8, [UInt8(200)]).floats() == [200])
    #expect(tensor(.bool, [UInt8(0), 1, 2]).floats() == [0, 1, 1])
  }

  @Test func wholeNumbersStayExact() {
    #expect(tensor(.int64, [Int64.min, .max]).integers() == [.min, .max])
    #expect(tensor(.uint64, [UInt64.max]).integers() == nil)
    #expect(tensor(.uint8, [UInt8(200)]).integers() == [200])
    #expect(tensor(.float32, [Float(1)]).integers() == nil)
    #expect(tensor(.bool, [UInt8(0), 2]).integers() == [0, 1])
  }

  @Test func matchingListsEveryDifference() throws {
    let file = try TensorFile(
      path: "g.safetensors",
      tensors: [
        ("a", StoredTensor(floats: [1], shape: [1])),
        ("b", StoredTensor(floats: [1, 2], shape: [2, 1])),
        ("x", StoredTensor(floats: [1], shape: [])),
        ("num_batches_tracked", StoredTensor(floats: [1], shape: [])),
      ])
    try file.match([("a", [1])], allowUnexpected: { _ in true })
    let error = #expect(throws: TensorMismatchError.self) {
      try file.match(
        [("b", [1, 2]), ("a", [1]), ("c", [3]), ("d", [])],
        allowUnexpected: { $0.hasSuffix("num_batches_tracked") })
    }
    let found = try #require(error)
    #expect(found.missing == ["c", "d"])
    #expect(found.unexpected == ["x"])
    #expect(found.misshapen.map(\.name) == ["b"])
    #expect(found.misshapen.map(\.expected) == [[1, 2]])
    #expect(found.misshapen.map(\.found) == [[2, 1]])
    #expect(found.description.contains("b is [2, 1], expected [1, 2]"))
    #expect(found.description.contains("g.safetensors"))
  }

  @Test func aNameThatOccursTwiceIsRefused() {
    let tensor = StoredTensor(floats: [1], shape: [])
    #expect(throws: TensorFileError.self) {
      try TensorFile(path: "x", tensors: [("a", tensor), ("a", tensor)])
    }
  }
}
