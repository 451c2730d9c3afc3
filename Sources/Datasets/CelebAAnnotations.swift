import Files
import Images
import Spelling

/// A list that may lie beside the partition of a CelebA folder.
package enum CelebAAnnotation: CaseIterable, Sendable {
  /// Who is on the picture: a number for each person.
  case identities
  /// Forty properties of each face, such as Smiling.
  case attributes
  /// Five points of each face in pixels of the aligned picture.
  case landmarks

  /// The list's name without its extension, as published.
  var listName: String {
    switch self {
    case .identities: "identity_CelebA"
    case .attributes: "list_attr_celeba"
    case .landmarks: "list_landmarks_align_celeba"
    }
  }
}

/// What the lists of a CelebA folder say about each of its images.
struct CelebAAnnotations: Sendable, Equatable {
  /// A person for each image; empty where the list was not read or does not exist.
  var identities: [Int32] = []
  /// Names of the attributes, in the order of the bits of `attributes`.
  var attributeNames: [String] = []
  /// A set of attributes for each image: bit i is attribute i.
  var attributes: [UInt64] = []
  /// (column, row) of left eye, right eye, nose and the corners of the mouth, ten numbers an image.
  var landmarks: [Int16] = []

  /// Nothing is known.
  init() {}

  /// Reads lists, where they exist, for images given by name.
  ///
  /// - Throws: `DatasetError` where a list is malformed or leaves out an image.
  init(root: String, names: [String], lists: Set<CelebAAnnotation>) throws {
    for annotation in CelebAAnnotation.allCases where lists.contains(annotation) {
      guard let path = pathOfList(annotation.listName, in: root) else { continue }
      let list = try AnnotationList(path: path)
      switch annotation {
      case .identities: try readIdentities(list, names)
      case .attributes: try readAttributes(list, names)
      case .landmarks: try readLandmarks(list, names)
      }
    }
  }

  /// The bit of an attribute.
  ///
  /// - Throws: `DatasetError` suggesting the nearest attribute, or where there is no list.
  func bit(ofAttribute name: String, root: String) throws -> UInt64 {
    let subject = "data.select: attribute \"\(name)\""
    guard !attributeNames.isEmpty else {
      throw DatasetError(
        .unreadableFile, subject, "\(root) has no list_attr_celeba.txt to select by",
        remedy:
          "download the list into the CelebA folder (before packing it), or remove the condition")
    }
    if let index = attributeNames.firstIndex(of: name) { return 1 << index }
    let nearest = nearestName(to: name, among: attributeNames) ?? ""
    throw DatasetError(
      .unknownName, subject, "list_attr_celeba.txt has no such attribute",
      remedy: "did you mean \"\(nearest)\"?")
  }

  /// Keeps what is said about some of the images, in their order.
  mutating func keep(_ indices: [Int]) {
    if !identities.isEmpty { identities = indices.map { identities[$0] } }
    if !attributes.isEmpty { attributes = indices.map { attributes[$0] } }
    if !landmarks.isEmpty {
      landmarks = indices.flatMap { landmarks[$0 * 10..<$0 * 10 + 10] }
    }
  }

  /// Forgets what nobody asked for.
  mutating func keep(only lists: Set<CelebAAnnotation>) {
    if !lists.contains(.identities) { identities = [] }
    if !lists.contains(.attributes) { (attributeNames, attributes) = ([], []) }
    if !lists.contains(.landmarks) { landmarks = [] }
  }

  /// The points of the face on an image; nil where the list was not read.
  func landmarks(of index: Int) -> FaceLandmarks? {
    guard !landmarks.isEmpty else { return nil }
    func point(_ number: Int) -> FaceLandmarks.Point {
      FaceLandmarks.Point(
        x: Double(landmarks[index * 10 + 2 * number]),
        y: Double(landmarks[index * 10 + 2 * number + 1]))
    }
    return FaceLandmarks(
      leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3),
      rightMouth: point(4))
  }

  /// Who is on an image; nil where the list was not read.
  func identity(of index: Int) -> Int? {
    identities.isEmpty ? nil : Int(identities[index])
  }

  /// The attributes that an image has, in the order of the list; nil where it was not read.
  func attributes(of index: Int) -> [String]? {
    guard !attributes.isEmpty else { return nil }
    return attributeNames.indices.filter { attributes[index] >> UInt64($0) & 1 == 1 }
      .map { attributeNames[$0] }
  }

  private mutating func readIdentities(_ list: AnnotationList, _ names: [String]) throws {
    identities = [Int32](repeating: 0, count: names.count)
    try forEachImage(of: list, names, columnCount: 1) { index, _, numbers in
      identities[index] = Int32(truncatingIfNeeded: numbers[0])
    }
  }

  private mutating func readAttributes(_ list: AnnotationList, _ names: [String]) throws {
    attributes = [UInt64](repeating: 0, count: names.count)
    attributeNames = try forEachImage(of: list, names, columnCount: nil) { index, line, numbers in
      guard numbers.count <= 64 else {
        throw DatasetError(
          .malformedList, "\(list.path) line \(line)",
          "\(numbers.count) attributes are more than the 64 that can be read")
      }
      var bits: UInt64 = 0
      for (bit, number) in numbers.enumerated() where number > 0 { bits |= 1 << UInt64(bit) }
      attributes[index] = bits
    }
  }

  private mutating func readLandmarks(_ list: AnnotationList, _ names: [String]) throws {
    landmarks = [Int16](repeating: 0, count: names.count * 10)
    try forEachImage(of: list, names, columnCount: 10) { index, _, numbers in
      for (place, number) in numbers.enumerated() {
        landmarks[index * 10 + place] = Int16(clamping: number)
      }
    }
  }
}

/// Goes through the rows of a list that belong to images given by name, in any order.
///
/// - Returns: The list's column names.
/// - Throws: `DatasetError` where an image has no row; what `body` throws.
@discardableResult
private func forEachImage(
  of list: AnnotationList, _ names: [String], columnCount: Int?,
  _ body: (_ index: Int, _ line: Int, _ numbers: [Int]) throws -> Void
) throws -> [String] {
  // The published lists have the same order, so that a table of names is rarely needed.
  var table: [String: Int] = [:]
  var next = 0
  var seen = [Bool](repeating: false, count: names.count)
  let columnNames = try list.forEachRow(columnCount: columnCount) { line, name, numbers in
    if next < names.count && names[next] == name {
      seen[next] = true
      try body(next, line, numbers)
      next += 1
      return
    }
    if table.isEmpty {
      table = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }
    guard let index = table[name] else { return }
    seen[index] = true
    try body(index, line, numbers)
    next = index + 1
  }.columnNames
  if let missing = seen.firstIndex(of: false) {
    throw DatasetError(
      .malformedList, list.path, "there is no line for \(names[missing])",
      remedy: "the list is not complete: download it again")
  }
  return columnNames
}

/// The path of a list, published as text or as comma-separated values; nil where it does not exist.
///
/// Lists lie beside the folder of images, or as published in `Eval` and `Anno`.
func pathOfList(_ name: String, in root: String) -> String? {
  [root, "\(root)/Eval", "\(root)/Anno"].flatMap { folder in
    ["txt", "csv"].map { "\(folder)/\(name).\($0)" }
  }.first { FileKind(of: $0) == .file }
}
