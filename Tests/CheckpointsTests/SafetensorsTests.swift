import Checkpoints
import Files
import Foundation
import Testing

@Suite struct SafetensorsTests {
  /// A file with a header as given and `data` zero bytes.
  private func file(_ header: String, data: Int = 0) -> FileBytes {
    let text = Array(header.utf8)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return FileBytes(length + text + [UInt8](repeating: 0, count: data))
  }

  @Test(arguments: ["generator.safetensors", "views.safetensors", "forward.safetensors"])
  func filesOfThePythonPackageComeOutWithTheSameBytes(_ name: String) throws {
    try withTemporaryFolder { folder in
      let read = try Safetensors.read(weightFixture(name))
      let path = "\(folder)/copy.safetensors"
      try Safetensors.write(read.namedTensors, metadata: read.metadata, to: path)
      #expect(try contents(path) == contents(weightFixture(name)))
    }
  }

  @Test func saveLoadSaveGivesEqualBytes() throws {
    var generator = SeededGenerator(seed: 1)
    try withTemporaryFolder { folder in
      for round in 0..<50 {
        let tensors = (0..<Int.random(in: 0..<12, using: &generator)).map { index in
          let type = StoredElementType.allCases.randomElement(using: &generator) ?? .float32
          let shape = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in
            Int.random(in: 0..<5, using: &generator)
          }
          let bytes = (0..<shape.reduce(type.byteCount, *)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
          }
          return NamedTensor(
            name: "layer.\(index)\"\\\n\u{1}é",
            stored: StoredTensor(elementType: type, shape: shape, bytes: bytes))
        }
        let metadata = round.isMultiple(of: 2) ? [:] : ["b": "2\t", "a": "\u{1F600}"]
        let (first, second) = ("\(folder)/1", "\(folder)/2")
        try Safetensors.write(tensors, metadata: metadata, to: first)
        let loaded = try Safetensors.read(first)
        #expect(loaded.metadata == metadata)
        #expect(Set(loaded.names) == Set(tensors.map(\.name)))
        for tensor in tensors {
          let stored = try loaded.tensor(tensor.name)
          #expect(stored.shape == tensor.shape && stored.elementType == tensor.elementType)
          let isEqual = stored.withUnsafeBytes { left in
            tensor.withUnsafeBytes { left.elementsEqual($0) }
          }
          #expect(isEqual)
        }
        try Safetensors.write(loaded.namedTensors, metadata: loaded.metadata, to: second)
        #expect(try contents(first) == contents(second))
      }
    }
  }

  @Test func headerIsPaddedAndDataAligned() throws {
    let tensors = [
      NamedTensor(
        name: "half", stored: StoredTensor(elementType: .float16, shape: [3], bytes: [UInt8](0..<6))
      ),
      NamedTensor(name: "full", shape: [1], floats: [1]),
    ]
    let layout = SafetensorsLayout(tensors)
    #expect(layout.header.count.isMultiple(of: 8))
    #expect(layout.tensors.map(\.name) == ["full", "half"])
    #expect(layout.byteCount == layout.header.count + 10)
  }

  @Test func aProducerWritesWhatItProduces() throws {
    try withTemporaryFolder { folder in
      let tensor = NamedTensor(name: "x", shape: [2]) { buffer in
        buffer.storeBytes(of: Float(3), toByteOffset: 0, as: Float.self)
        buffer.storeBytes(of: Float(-4), toByteOffset: 4, as: Float.self)
      }
      try Safetensors.write([tensor], to: "\(folder)/x")
      #expect(try Safetensors.read("\(folder)/x").tensor("x").floats() == [3, -4])
    }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "follow the last tensor"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "unused bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "cut short"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "takes 8 bytes"),
    (#"{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}"#, 4, "F8_E4M3"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "whole number"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "begin and an end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "begin and an end"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "missing"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "unknown or repeated"),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#, 0,
      "impossible shape"
    ),
    (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, 4, "too large"),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}}"#, 5, "overlap"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, "occurs twice"
    ),
    (#"{"__metadata__":{"k":1}}"#, 0, "\"\"\" is expected"),
    (#"{"__metadata__":{"k":"1","k":"2"}}"#, 0, "occurs twice"),
    (#"{} x"#, 0, "follows"),
    (#"{"a":"#, 0, "expected"),
    (#"{"a\ud800":{}}"#, 0, "surrogate"),
    (#"[]"#, 0, "expected"),
    ("{\"a\u{1}\":{}}", 0, "control character"),
  ])
  func badHeadersAreRefused(_ header: String, _ data: Int, _ reason: String) throws {
    let error = #expect(throws: TensorFileError.self) {
      try Safetensors.parse(file(header, data: data), path: "bad.safetensors")
    }
    let text = try #require(error).description
    #expect(text.contains(reason) && text.hasPrefix("bad.safetensors: "), "\(text)")
  }

  @Test func longHeadersAreRefusedWithoutReadingThem() throws {
    let length = withUnsafeBytes(of: UInt64.max) { Array($0) }
    #expect(throws: TensorFileError.self) { try Safetensors.parse(FileBytes(length), path: "x") }
    #expect(throws: TensorFileError.self) { try Safetensors.parse(FileBytes([1, 2]), path: "x") }
  }

  @Test func emptyFilesAndScalarsWork() throws {
    let empty = try Safetensors.parse(file("{}"), path: "x")
    #expect(empty.names.isEmpty)
    let scalar = try Safetensors.parse(
      file(#" { "s" : { "shape" : [ ] , "data_offsets":[0,4],"dtype":"F32"} } "#, data: 4),
      path: "x")
    #expect(try scalar.tensor("s").floats() == [0])
    #expect(throws: TensorFileError.self) { try scalar.tensor("t") }
  }

  @Test func aFailedWriteKeepsTheOldFile() throws {
    try withTemporaryFolder { folder in
      #expect(throws: SystemCallError.self) {
        try Safetensors.write([], to: "\(folder)/missing/x.safetensors")
      }
      try Safetensors.write([NamedTensor(name: "a", shape: [], floats: [1])], to: "\(folder)/x")
      try Safetensors.write([NamedTensor(name: "a", shape: [], floats: [2])], to: "\(folder)/x")
      #expect(try Safetensors.read("\(folder)/x").tensor("a").floats() == [2])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x"])
    }
  }
}
