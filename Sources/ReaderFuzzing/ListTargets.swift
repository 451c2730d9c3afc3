import Datasets
import Foundation
import Images
import TensorCore

/// The readers of CelebA's lists.
///
/// - Parameter folder: Where a small CelebA folder with a damaged list is made.
/// - Returns: One target for each list.
/// - Throws: What the system says about the folder.
func listTargets(folder: String) throws -> [FuzzTarget] {
  let names = (1...6).map { "00000\($0).jpg" }
  try FileManager.default.createDirectory(
    atPath: "\(folder)/img_align_celeba", withIntermediateDirectories: true)
  for name in names {
    try Data().write(to: URL(fileURLWithPath: "\(folder)/img_align_celeba/\(name)"))
  }
  func rows(_ numbers: (Int) -> String, lineEnd: String = "\n") -> String {
    names.enumerated().map { "\($1) \(numbers($0))\(lineEnd)" }.joined()
  }
  let points =
    "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y "
    + "rightmouth_x rightmouth_y"
  let lists: [(name: String, texts: [String])] = [
    ("list_eval_partition", [rows { "\($0 % 3)" }, rows({ "\($0 % 3)" }, lineEnd: "\r\n")]),
    ("list_attr_celeba", ["6\nMale Smiling Young\n" + rows { $0 % 2 == 0 ? "1 -1  1" : "-1 1 1" }]),
    ("identity_CelebA", [rows { "\($0 * 1000 + 7)" }]),
    (
      "list_landmarks_align_celeba",
      ["6\n\(points)\n" + rows { "69 109 106 113 77 14\($0) 73 152 108 154" }]
    ),
  ]
  for list in lists { try write(list.texts[0], as: list.name, in: folder) }
  return lists.map { list in
    FuzzTarget(
      list.name, seeds: list.texts.map { Array($0.utf8) },
      tokens: [
        "\n", "\r\n", "\r", " ", ",", "-", "\0", "000003.jpg", "999999999", "9999999999", "0x1",
        "1e9", "image_id,partition\n", "/../", "\u{FEFF}", "202599\n", ".", "000003",
      ]
    ) { bytes in
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(list.name).txt"))
      defer { try? write(list.texts[0], as: list.name, in: folder) }
      return try opens(folder)
    }
  }
}

private func write(_ text: String, as name: String, in folder: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).txt"))
}

/// Opens the folder with all its lists and looks at all that they say.
private func opens(_ folder: String) throws -> Bool {
  do {
    let source = try CelebAFolder(
      root: folder, split: .all, selection: SampleSelection(heldOutIdentityShare: 0.2),
      annotations: [.attributes, .landmarks])
    for index in 0..<source.count {
      _ = source.attributes(of: index)
      let face = source.landmarks(of: index) ?? .alignedCelebA
      var random = CounterBasedRandom(seed: 1, purpose: .mask, sample: index)
      let hole = FacePartMask().mask(
        for: MaskSubject(width: 16, height: 16, landmarks: face), using: &random)
      precondition(hole.holeArea > 0, "a face part without a hole")
    }
    return true
  } catch is DatasetError {
    return false
  }
}
