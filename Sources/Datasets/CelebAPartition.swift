import Files

/// The list that names every image of CelebA and the part that it belongs to.
struct CelebAPartition {
  /// The file.
  let path: String
  /// Names as listed, in the order of the list.
  private(set) var names: [String] = []
  /// 0 train, 1 validation, 2 test.
  private(set) var parts: [UInt8] = []

  /// Name of the list without its extension.
  static let listName = "list_eval_partition"

  /// Reads the list of a CelebA folder.
  ///
  /// - Throws: `DatasetError` where the list is absent, malformed or names an image twice.
  init(root: String) throws {
    guard let path = pathOfList(Self.listName, in: root) else {
      throw DatasetError(
        .unreadableFile, "\(root)/\(Self.listName).txt", "the list is not there",
        remedy: "download it into the folder; it says which images are for training")
    }
    self.path = path
    var isSorted = true
    try AnnotationList(path: path).forEachRow(columnCount: 1) { line, name, numbers in
      guard (0...2).contains(numbers[0]) else {
        throw DatasetError(
          .malformedList, "\(path) line \(line)",
          "\(name) belongs to part \(numbers[0]), but parts are 0, 1 and 2",
          remedy: "restore the line, or download the list again")
      }
      if let last = names.last, last >= name { isSorted = false }
      names.append(name)
      parts.append(UInt8(numbers[0]))
    }
    guard !names.isEmpty else {
      throw DatasetError(
        .malformedList, path, "the list names no image", remedy: "download the list again")
    }
    // A sorted list, as published, names nothing twice.
    if !isSorted { try demandUniqueNames() }
  }

  private func demandUniqueNames() throws {
    var seen = Set<String>(minimumCapacity: names.count)
    for name in names where !seen.insert(name).inserted {
      throw DatasetError(
        .malformedList, path, "\(name) is named twice", remedy: "remove one of its lines")
    }
  }
}

/// Parts made anew so that nobody is in two of them.
///
/// - Parameters:
///   - identities: A person for each image.
///   - heldOutShare: Share of the persons for validation, and the same again for test.
///   - root: Names the folder in errors.
/// - Returns: 0 (train), 1 (validation) or 2 (test) for each image.
/// - Throws: `DatasetError` where the persons are not known, or no share is left for training.
func partsByIdentity(_ identities: [Int32], heldOutShare: Double, root: String) throws -> [UInt8] {
  guard heldOutShare >= 0 && heldOutShare < 0.5 else {
    throw DatasetError(
      .unknownName, "held-out share of identities \(heldOutShare)", "it is not in 0..<0.5",
      remedy: "validation and test take this share each; the rest is for training")
  }
  guard !identities.isEmpty else {
    throw DatasetError(
      .unreadableFile, root, "there is no identity_CelebA.txt to hold identities apart by",
      remedy: "download the list into the folder, or remove the setting")
  }
  return identities.map { identity in
    let place = stableFraction(of: String(identity))
    return place < heldOutShare ? 1 : place < 2 * heldOutShare ? 2 : 0
  }
}

extension DatasetSplit {
  /// The part's number in the published list; nil for all parts.
  var celebANumber: UInt8? {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    case .all: nil
    }
  }
}

/// The folder in which the images of CelebA lie, and what is in it.
struct CelebAImageFolder {
  /// The folder.
  let path: String
  /// JPEG and PNG files in it.
  let fileNames: Set<String>

  /// Where images lie in the published archives, in the order in which the folders are tried.
  static let candidates = ["", "Img/"].flatMap { place in
    [
      "img_align_celeba", "img_align_celeba_png", "img_align_celeba/img_align_celeba",
      "img_align_celeba_png/img_align_celeba_png", "img_align_celeba_png.7z/img_align_celeba_png",
    ].map { place + $0 }
  }

  /// Finds the folder and lists it.
  ///
  /// - Throws: `DatasetError` where there is none, or none with an image.
  init(root: String) throws {
    let folders = Self.candidates.map { "\(root)/\($0)" }.filter { FileKind(of: $0) == .folder }
    guard !folders.isEmpty else {
      throw DatasetError(
        .unreadableFolder, "\(root)/img_align_celeba", "the folder of images is not there",
        remedy: "unpack img_align_celeba.zip (or the PNG release) into \(root)")
    }
    for folder in folders {
      var found = Set<String>()
      try forEachEntry(ofFolder: folder) { name, kind in
        if kind == .file && hasImageExtension(name) { found.insert(name) }
      }
      if !found.isEmpty {
        (path, fileNames) = (folder, found)
        return
      }
    }
    throw DatasetError(
      .noImages, folders[0], "the folder holds no JPEG or PNG file",
      remedy: "unpack img_align_celeba.zip (or the PNG release) into \(root)")
  }

  /// The files of listed names; a name listed as .jpg stands for a .png where only that exists.
  ///
  /// - Throws: `DatasetError` naming the first file that is absent, and how many are; not where
  ///   absent files are allowed, which keep their listed names.
  func fileNames(
    for listed: [String], listPath: String, allowsAbsent: Bool
  ) throws -> [String] {
    var missing: [String] = []
    let found = listed.map { name -> String in
      if fileNames.contains(name) { return name }
      let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      if fileNames.contains(stem + ".png") { return stem + ".png" }
      missing.append(name)
      return name
    }
    guard let first = missing.first, !allowsAbsent else { return found }
    throw DatasetError(
      .missingImages, "\(path)/\(first)",
      "the file is named in \(listPath), but is not there"
        + (missing.count == 1 ? "" : " (nor are \(missing.count - 1) others)"),
      remedy: "unpack the images again, or remove their lines from the list")
  }
}
