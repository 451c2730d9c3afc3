import Datasets
import Foundation
import Images
import SyntheticFaces
import Testing

@Suite("Sets of synthetic faces")
struct SyntheticFaceSetTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("synthetic-faces-\(UUID().uuidString)").path

  /// Runs a test in a folder that is removed afterwards.
  private func inFolder(_ body: (_ folder: String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test("The parts are 80, 10 and 10 percent by position")
  func partition() throws {
    try inFolder { folder in
      let path = "\(folder)/faces"
      #expect(try writeSyntheticFaces(to: path, count: 40, side: 16, seed: 1) == .written)
      let rows = try lines("\(path)/list_eval_partition.txt")
      #expect(rows.count == 40)
      for (index, row) in rows.enumerated() {
        let part = index < 32 ? 0 : index < 36 ? 1 : 2
        #expect(row == ["\(name(index))", "\(part)"])
      }
    }
  }

  @Test("The lists have the published form and say what the faces say")
  func lists() throws {
    try inFolder { folder in
      let path = "\(folder)/faces"
      try writeSyntheticFaces(to: path, count: 12, side: nil, seed: 7)
      let faces = (0..<12).map { SyntheticFace(seed: 7, index: $0) }
      let identities = try lines("\(path)/identity_CelebA.txt")
      let attributes = try lines("\(path)/list_attr_celeba.txt")
      let landmarks = try lines("\(path)/list_landmarks_align_celeba.txt")
      #expect(attributes[0] == ["12"])
      #expect(landmarks[0] == ["12"])
      #expect(attributes[1] == SyntheticFaceAttribute.allCases.map(\.rawValue))
      #expect(landmarks[1].first == "lefteye_x")
      #expect(landmarks[1].count == 10)
      for (index, face) in faces.enumerated() {
        #expect(identities[index] == [name(index), "\(face.identity)"])
        let values = SyntheticFaceAttribute.allCases.map {
          face.attributes.contains($0) ? "1" : "-1"
        }
        #expect(attributes[index + 2] == [name(index)] + values)
        let at = face.landmarks()
        let points = [at.leftEye, at.rightEye, at.nose, at.leftMouth, at.rightMouth]
          .flatMap { ["\(Int($0.x))", "\(Int($0.y))"] }
        #expect(landmarks[index + 2] == [name(index)] + points)
        let image = try Image(contentsOf: "\(path)/img_align_celeba/\(name(index))")
        #expect((image.width, image.height) == (178, 218))
      }
    }
  }

  @Test("Image files are the faces, whatever thread drew them")
  func images() throws {
    try inFolder { folder in
      let path = "\(folder)/faces"
      try writeSyntheticFaces(to: path, count: 9, side: 48, seed: 3)
      for index in 0..<9 {
        let expected = SyntheticFace(seed: 3, index: index).image(width: 48, height: 48)
        let bytes = try imageFileContents("\(path)/img_align_celeba/\(name(index))")
        #expect(try bytes == expected.encodedAsJPEG(quality: 95, fullChroma: true))
      }
    }
  }

  @Test("The folder opens as CelebA")
  func reading() throws {
    try inFolder { folder in
      let path = "\(folder)/faces"
      try writeSyntheticFaces(to: path, count: 20, side: 24, seed: 3)
      let train = try CelebAFolder(
        root: path, split: .train, annotations: [.identities, .attributes, .landmarks])
      #expect(train.count == 16)
      #expect(train.identity(of: 3) == SyntheticFace(seed: 3, index: 3).identity)
      let attributes = Set(SyntheticFace(seed: 3, index: 3).attributes.map(\.rawValue))
      #expect(train.attributes(of: 3) == attributes)
      let nose = SyntheticFace(seed: 3, index: 3).landmarks(width: 24, height: 24).nose
      #expect(abs((train.landmarks(of: 3)?.nose.x ?? 0) - nose.x) < 1)
      #expect(try CelebAFolder(root: path, split: .test).count == 2)
    }
  }

  @Test("The same set is left alone, anything else in the folder is refused")
  func existingFolder() throws {
    try inFolder { folder in
      let path = "\(folder)/faces"
      // An empty folder may be there.
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      #expect(try writeSyntheticFaces(to: path, count: 4, side: 16, seed: 1) == .written)
      #expect(
        try writeSyntheticFaces(to: path + "/", count: 4, side: 16, seed: 1) == .alreadyPresent)
      for (count, side, seed) in [(5, 16, 1), (4, 32, 1), (4, 16, 2)] {
        let error = #expect(throws: SyntheticFaceError.self) {
          try writeSyntheticFaces(to: path, count: count, side: side, seed: UInt64(seed))
        }
        #expect(error?.code == .folderNotEmpty)
        #expect(error?.description.contains("count 4, size 16x16, seed 1") == true)
      }
      try FileManager.default.removeItem(atPath: "\(path)/img_align_celeba/000002.jpg")
      #expect(throws: SyntheticFaceError.self) {
        try writeSyntheticFaces(to: path, count: 4, side: 16, seed: 1)
      }

      let other = "\(folder)/other"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      try Data("keep".utf8).write(to: URL(fileURLWithPath: "\(other)/notes.txt"))
      let error = #expect(throws: SyntheticFaceError.self) {
        try writeSyntheticFaces(to: other, count: 4, side: 16, seed: 1)
      }
      #expect(error?.subject == other)
      #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["notes.txt"])
    }
  }

  @Test("A folder that cannot be made is named, and nothing is left behind")
  func unwritable() throws {
    try inFolder { folder in
      try Data().write(to: URL(fileURLWithPath: "\(folder)/file"))
      let path = "\(folder)/file/faces"
      let error = #expect(throws: SyntheticFaceError.self) {
        try writeSyntheticFaces(to: path, count: 1, side: 16, seed: 1)
      }
      #expect(error?.code == .unwritable)
      #expect(error?.description.contains(path) == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test(
    "Numbers out of range are refused", arguments: [(0, 64), (-1, 64), (1_000_000, 64), (1, 0)])
  func ranges(count: Int, side: Int) {
    let error = #expect(throws: SyntheticFaceError.self) {
      try SyntheticFaceSet(count: count, side: side, seed: 0)
    }
    #expect(error?.code == .invalidArgument)
  }

  private func name(_ index: Int) -> String {
    index < 9 ? "00000\(index + 1).jpg" : "0000\(index + 1).jpg"
  }

  private func lines(_ path: String) throws -> [[String]] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n") && !text.contains("\r"))
    return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }
}
