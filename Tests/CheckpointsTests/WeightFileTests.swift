import Checkpoints
import Files
import Foundation
import Testing

@Suite struct WeightFileTests {
  static let files = [
    "generator.safetensors", "generator.zip.pth", "generator.legacy.pth",
    "generator.nested-half.pth", "views.zip.pth", "hostile.zip.pth", "checkpoint.zip.pth",
    "checkpoint.legacy.pth",
  ]

  @Test(arguments: ["generator.zip.pth", "generator.legacy.pth"])
  func pyTorchFilesHoldTheSameBitsAsSafetensors(_ name: String) throws {
    let expected = try WeightFile.read(weightFixture("generator.safetensors"))
    let found = try WeightFile.read(weightFixture(name))
    #expect(Set(found.names) == Set(expected.names))
    #expect(!found.names.isEmpty)
    for tensor in expected.names {
      let isEqual = try found.tensor(tensor).isBitIdentical(to: expected.tensor(tensor))
      #expect(isEqual, "\(tensor)")
    }
    #expect(found.names.first == "encoder.0.conv.weight")
  }

  @Test func nestedHalfPrecisionFilesAreFoundAndRenamed() throws {
    let expected = try WeightFile.read(weightFixture("generator.safetensors"))
    let found = try WeightFile.read(weightFixture("generator.nested-half.pth"))
    #expect(Set(found.names) == Set(expected.names))
    for name in expected.names {
      let (half, full) = (try found.tensor(name), try expected.tensor(name))
      #expect(half.elementType == .float16 && half.shape == full.shape)
      #expect(half.floats() == full.floats().map { Float(Float16($0)) }, "\(name)")
    }
    let named = try WeightFile.read(
      weightFixture("generator.nested-half.pth"), entry: "state_dict")
    #expect(named.names == found.names)
    #expect(throws: TensorFileError.self) {
      try WeightFile.read(weightFixture("generator.nested-half.pth"), entry: "nothing")
    }
  }

  /// A training's state: scores and an optimiser beside the weights, which are parameters, views of
  /// one storage and bfloat16 numbers.
  @Test(arguments: ["checkpoint.zip.pth", "checkpoint.legacy.pth"])
  func theGeneratorOfATrainingIsFound(name: String) throws {
    let found = try WeightFile.read(weightFixture(name))
    #expect(found.names == ["a.weight", "a.bias", "tied"])
    let tied = (0..<12).map(Float.init)
    #expect(try found.tensor("tied").floats() == tied)
    #expect(try found.tensor("a.weight").shape == [4, 3])
    #expect(
      try found.tensor("a.weight").floats()
        == (0..<12).map { tied[$0 % 3 * 4 + $0 / 3] })
    #expect(try found.tensor("a.bias").elementType == .bfloat16)
    #expect(try found.tensor("a.bias").floats() == [1, 1.25, 1.5, 1.75])
    let other = try WeightFile.read(weightFixture(name), entry: "discriminator_state_dict")
    #expect(other.names == ["b.weight"])
  }

  /// Beside noise with axes, devices, element types, sets and the like, and in front of other bytes.
  @Test(arguments: ["beside-noise.pth", "beside-data.pth", "trailing.pth"])
  func weightsBesideOtherThingsAreFound(name: String) throws {
    let expected = try WeightFile.read(weightFixture("generator.safetensors"))
    let found = try WeightFile.read(weightFixture(name))
    #expect(Set(found.names) == Set(expected.names))
    for tensor in expected.names {
      let isEqual = try found.tensor(tensor).isBitIdentical(to: expected.tensor(tensor))
      #expect(isEqual, "\(tensor)")
    }
  }

  @Test func anEntryIsAKeyOrWhatNamesBeginWith() throws {
    let expected = try WeightFile.read(weightFixture("generator.safetensors"))
    for (name, entry) in [
      ("several.pth", "params_two"), ("prefixed.pth", "netG"),
      ("prefixed-twice.pth", "state_dict.model.generator"),
      ("prefixed-twice.pth", "model.generator"),
    ] {
      let found = try WeightFile.read(weightFixture(name), entry: entry)
      #expect(Set(found.names) == Set(expected.names), "\(entry)")
      let isEqual = try found.tensor("encoder.0.conv.weight")
        .isBitIdentical(to: expected.tensor("encoder.0.conv.weight"))
      #expect(isEqual, "\(entry)")
    }
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.read(weightFixture("several.pth"))
    }
    let reason = try #require(error).reason
    #expect(reason.contains("\"first\", \"params_two\"") && reason.contains("--entry"))
  }

  @Test func aProgramIsNamed() throws {
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.read(weightFixture("program.pt"))
    }
    #expect(try #require(error).reason.contains("a TorchScript program"))
  }

  @Test func viewsScalarsAndIntegersMatch() throws {
    let expected = try WeightFile.read(weightFixture("views.safetensors"))
    let found = try WeightFile.read(weightFixture("views.zip.pth"))
    #expect(Set(found.names) == ["view", "scalar", "int"])
    for name in expected.names {
      let isEqual = try found.tensor(name).isBitIdentical(to: expected.tensor(name))
      #expect(isEqual, "\(name)")
    }
    #expect(try found.tensor("int").integers() != nil)
    #expect(try found.tensor("scalar").shape == [])
  }

  @Test func aHostileFileIsRefusedByNameAndDoesNothing() throws {
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.read(weightFixture("hostile.zip.pth"))
    }
    let text = try #require(error).description
    #expect(text.contains("posix.system") && text.contains("hostile.zip.pth"), "\(text)")
    #expect(!FileManager.default.fileExists(atPath: "pwned"))
  }

  @Test(arguments: files)
  func everyTruncationIsRefused(_ name: String) throws {
    let whole = try contents(weightFixture(name))
    for length in 0..<whole.count {
      let bytes = FileBytes(whole.prefix(length))
      #expect(throws: TensorFileError.self, "\(length) bytes") {
        try WeightFile.parse(bytes, path: name)
      }
    }
  }

  @Test(arguments: files)
  func randomDamageNeverCrashes(_ name: String) throws {
    let whole = try contents(weightFixture(name))
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<1500 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Most of a file is numbers; what steers the reader stands at the ends.
        let isEdge = Bool.random(using: &generator)
        let index = Int.random(
          in: 0..<(isEdge ? min(1500, whole.count) : whole.count), using: &generator)
        let position = Bool.random(using: &generator) ? index : whole.count - 1 - index
        damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      }
      do {
        let file = try WeightFile.parse(FileBytes(damaged), path: name)
        for tensor in file.names { _ = file[tensor]?.floats() }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 250)
  }

  @Test func damageInsideAZipMemberIsFound() throws {
    let whole = try contents(weightFixture("generator.zip.pth"))
    let expected = try WeightFile.read(weightFixture("generator.zip.pth"))
    let first = try expected.tensor(expected.names[0]).withUnsafeBytes { Array($0) }
    let start = try #require(
      (0..<whole.count - first.count).first { whole[$0..<$0 + first.count].elementsEqual(first) })
    var damaged = whole
    damaged[start + 5] ^= 4
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.parse(FileBytes(damaged), path: "x")
    }
    #expect(try #require(error).reason.contains("data/0"))
  }

  @Test func otherFilesAreRefusedWithAHint() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"
    for (text, hint) in [
      (pointer, "git lfs pull"), ("hello there, this is text", "neither"), ("", "neither"),
    ] {
      let error = #expect(throws: TensorFileError.self) {
        try WeightFile.parse(FileBytes(text.utf8), path: "x")
      }
      #expect(try #require(error).reason.contains(hint))
    }
    let missing = #expect(throws: SystemCallError.self) { try WeightFile.read("/nowhere/x.pth") }
    #expect(try #require(missing).description.contains("/nowhere/x.pth"))
    #expect(throws: SystemCallError.self) { try WeightFile.read("/") }
  }

  @Test func compressedMembersAreRefusedByName() throws {
    var whole = try contents(weightFixture("generator.zip.pth"))
    // The first entry of the directory starts with PK 01 02; its method stands 10 bytes further.
    let directory = try #require(
      (0..<whole.count - 4).first { whole[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 1, 2]) })
    whole[directory + 10] = 8
    let error = #expect(throws: TensorFileError.self) {
      try WeightFile.parse(FileBytes(whole), path: "x")
    }
    let reason = try #require(error).reason
    #expect(reason.contains("data.pkl") && reason.contains("compressed"), "\(reason)")
  }
}
