import Images

/// The text lists that lie beside the images of a CelebA folder, row by row.
///
/// Lines end with a newline alone.
struct SyntheticFaceLists {
  /// What the lists say about one image.
  struct Row: Sendable {
    let identity: Int
    let attributes: Set<SyntheticFaceAttribute>
    let landmarks: FaceLandmarks
  }

  /// One row for each image, in order.
  let rows: [Row]

  /// The file name of an image, numbered from 000001.jpg.
  static func imageName(_ index: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".jpg"
  }

  /// 0 (train) for the first 80 % of a set, 1 (validation) for the next 10 %, 2 (test) for the rest.
  static func part(of index: Int, count: Int) -> Int {
    max(0, index * 10 / count - 7)
  }

  /// Names and contents of the files.
  var files: [(name: String, text: String)] {
    let attributes = SyntheticFaceAttribute.allCases
    return [
      (
        "list_eval_partition.txt",
        text { index, _ in " \(Self.part(of: index, count: rows.count))" }
      ),
      ("identity_CelebA.txt", text { _, row in " \(row.identity)" }),
      (
        "list_attr_celeba.txt",
        "\(rows.count)\n" + attributes.map(\.rawValue).joined(separator: " ") + "\n"
          + text { _, row in
            attributes.map { row.attributes.contains($0) ? "  1" : " -1" }.joined()
          }
      ),
      (
        "list_landmarks_align_celeba.txt",
        "\(rows.count)\n"
          + ["lefteye", "righteye", "nose", "leftmouth", "rightmouth"]
          .map { "\($0)_x \($0)_y" }.joined(separator: " ") + "\n"
          + text { _, row in
            let face = row.landmarks
            return [face.leftEye, face.rightEye, face.nose, face.leftMouth, face.rightMouth]
              .map { " \(Int($0.x.rounded(.down))) \(Int($0.y.rounded(.down)))" }.joined()
          }
      ),
    ]
  }

  private func text(_ columns: (_ index: Int, _ row: Row) -> String) -> String {
    var result = ""
    for (index, row) in rows.enumerated() {
      result += Self.imageName(index) + columns(index, row) + "\n"
    }
    return result
  }
}
