import Files
import Foundation

/// How the folder of a data set is laid out.
package enum DatasetLayout: String, CaseIterable, Sendable {
  /// `shards` or `celeba` where the folder looks like it, else `folder`.
  case automatic = "auto"
  /// The published CelebA folder.
  case celeba
  /// Any folder of JPEG and PNG files.
  case folder
  /// What `inpaint pack` made.
  case shards
}

/// Opens a part of a data set on disk.
///
/// If the layout is not told, a folder with `shards.index` in it is a packed data set, and one with
/// `list_eval_partition.txt` or `img_align_celeba` is CelebA, also where these lie in `Eval` and `Img` as
/// published. A folder that holds such a folder, or lies in one, is refused. Conditions on attributes and identities
/// need CelebA, packed or not.
///
/// - Parameters:
///   - root: The folder.
///   - layout: How it is laid out.
///   - split: The part to use.
///   - selection: Which images of the part.
///   - heldOut: How many images of a plain folder, packed or not, are held out of training.
///   - annotations: CelebA's lists to read besides those that the selection needs.
///   - allowsAbsentFiles: Leaves it to whoever reads an image to find that its file is absent.
/// - Returns: The part.
/// - Throws: `DatasetError` naming the file, what is wrong with it and what to do.
package func openImageSource(
  root: String, layout: DatasetLayout = .automatic, split: DatasetSplit,
  selection: SampleSelection = .everything, heldOut: ImageFolder.HeldOut = .share(0.05),
  annotations: Set<CelebAAnnotation> = [], allowsAbsentFiles: Bool = false
) throws -> any ImageSource {
  guard FileKind(of: root) == .folder else {
    throw DatasetError(
      .unreadableFolder, root,
      FileKind(of: root) == .file ? "this is a file, not a folder" : "the folder is not there",
      remedy: "name the folder that holds the images (data.root, or --data)")
  }
  if layout == .shards || (layout == .automatic && isPacked(root)) {
    return try ShardFolder(
      root: root, split: split, selection: selection, heldOut: heldOut, annotations: annotations)
  }
  guard layout != .automatic || FileKind(of: "\(root)/\(ShardPacker.workFolderName)") != .folder
  else {
    throw DatasetError(
      .damagedPack, root, "the images in this folder have not been packed to the end",
      remedy: "run the same inpaint pack again")
  }
  if layout == .celeba || (layout == .automatic && looksLikeCelebA(root)) {
    return try CelebAFolder(
      root: root, split: split, selection: selection, annotations: annotations,
      allowsAbsentFiles: allowsAbsentFiles)
  }
  if layout == .automatic, let home = homeOfCelebA(near: root) {
    throw DatasetError(
      .unreadableFolder, root,
      "CelebA is in \(home), so that parts of our own would train on its test pictures",
      remedy:
        "name \(home) instead; a training whose data.format is folder takes this folder as it is")
  }
  guard selection == .everything else {
    throw DatasetError.selectionNeedsCelebA(root)
  }
  return try ImageFolder(root: root, split: split, heldOut: heldOut)
}

/// Whether a folder holds a packed data set.
func isPacked(_ root: String) -> Bool {
  FileKind(of: "\(root)/\(ShardIndex.fileName)") == .file
}

/// Whether a folder holds CelebA as published.
func looksLikeCelebA(_ root: String) -> Bool {
  pathOfList(CelebAPartition.listName, in: root) != nil
    || CelebAImageFolder.candidates.contains { FileKind(of: "\(root)/\($0)") == .folder }
}

/// The folder of CelebA that a folder holds, at most two levels down, or is a part of; else nil.
private func homeOfCelebA(near root: String) -> String? {
  var level = [root]
  for _ in 0..<2 {
    var next: [String] = []
    for folder in level {
      for entry in (try? entries(ofFolder: folder)) ?? []
      where entry.kind == .folder && !entry.name.hasPrefix(".") {
        next.append("\(folder)/\(entry.name)")
      }
    }
    // A folder of very many folders is searched no further than this.
    level = Array(next.sorted().prefix(1000))
    if let home = level.first(where: looksLikeCelebA) { return home }
  }
  var path = URL(fileURLWithPath: root).resolvingSymlinksInPath().standardizedFileURL
  for _ in 0..<3 {
    let inner = path.lastPathComponent
    path.deleteLastPathComponent()
    let isPart = inner.hasPrefix("img_align_celeba") || ["Img", "Anno", "Eval"].contains(inner)
    guard isPart else { return nil }
    if pathOfList(CelebAPartition.listName, in: path.path) != nil { return path.path }
  }
  return nil
}

extension DatasetError {
  /// A selection asks a plain folder for what it does not know.
  static func selectionNeedsCelebA(_ root: String) -> DatasetError {
    DatasetError(
      .unknownName, root, "only CelebA tells attributes and identities apart",
      remedy: "remove data.select and data.held_out_identities, or give a folder with the lists")
  }
}
