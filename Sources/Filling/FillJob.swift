import Files
import Foundation
import Images
import Running

/// A picture to fill.
struct FillJob: Sendable {
  let image: String
  let hole: HoleSource
  let output: String
}

extension FillRequest {
  /// The pictures to fill, by name, with their masks and the places of their results; and what else
  /// lies in the folder.
  ///
  /// - Throws: `RunError` where a picture or a mask is missing, or a file would be written over.
  func fillJobs() throws -> (jobs: [FillJob], skipped: SkippedFiles) {
    let (jobs, skipped) = try foundJobs()
    try checkOutputs(of: jobs)
    return (jobs, skipped)
  }

  private func foundJobs() throws -> (jobs: [FillJob], skipped: SkippedFiles) {
    guard let imageKind = FileKind(of: image) else {
      throw RunError(.badData, "\(image): not there; give a picture or a folder with --image")
    }
    var masks: MaskFolder?
    if case .drawing(let path) = mask {
      guard let maskKind = FileKind(of: path) else {
        throw RunError(
          .badData,
          "\(path): not there; give with --mask a picture of the hole, a folder of them, or one of "
            + "the words center, alpha and #rrggbb")
      }
      if maskKind == .folder { masks = try MaskFolder(path) }
    }
    func hole(for name: String) throws -> HoleSource {
      try masks.map { .drawing(try $0.mask(for: name)) } ?? mask
    }
    guard imageKind == .folder else {
      let target = isFolder(output) ? "\(output)/\(resultName(of: fileName(image)))" : output
      try checkExtension(of: target)
      let job = FillJob(image: image, hole: try hole(for: fileName(image)), output: target)
      return ([job], SkippedFiles())
    }
    guard isFolder(output) || (output as NSString).pathExtension.isEmpty else {
      throw RunError(
        .usage,
        "\(output): \(image) is a folder, so the results need a folder too; "
          + "end --output with / for a folder of this name")
    }
    let folder = try PictureFolder(image)
    let names = folder.names.filter { !isInside($0) }
    guard !names.isEmpty else {
      throw RunError(
        .badData,
        "\(image): no PNG, JPEG, WebP or TIFF files in this folder"
          + (folder.skipped.isEmpty ? "" : ", only \(folder.skipped.description)"))
    }
    let jobs = try names.map { name in
      FillJob(
        image: "\(image)/\(name)", hole: try hole(for: name),
        output: "\(output)/\(resultName(of: name))")
    }
    return (jobs, folder.skipped)
  }

  /// Whether a picture of the folder is a mask or an earlier result, because their folders lie in it.
  private func isInside(_ name: String) -> Bool {
    var folders = [resolved(output)]
    if case .drawing(let path) = mask { folders.append(resolved(path)) }
    let own = resolved(image)
    let path = resolved("\(image)/\(name)")
    return folders.contains { $0 != own && $0.hasPrefix(own + "/") && path.hasPrefix($0 + "/") }
  }

  private func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }

  private func fileName(_ path: String) -> String { (path as NSString).lastPathComponent }

  /// Whether results go into this path: a folder that is there, or a name with a slash at its end, or
  /// a new name without an extension.
  private func isFolder(_ path: String) -> Bool {
    FileKind(of: path) == .folder || path.hasSuffix("/")
      || (FileKind(of: path) == nil && (path as NSString).pathExtension.isEmpty)
  }

  private func checkExtension(of path: String) throws {
    guard ImageFormat(extensionOf: path) == nil else { return }
    throw RunError(
      .usage,
      "\(path): pictures are written as .png, .jpg or .jpeg; "
        + "end --output with / for a folder of this name")
  }

  private func resultName(of image: String) -> String {
    "\(stem(of: image)).\(folderFormat == .png ? "png" : "jpg")"
  }

  /// Refuses to write over what is read, over another result, and over what is there already.
  private func checkOutputs(of jobs: [FillJob]) throws {
    var inputs: Set = [resolved(weights)]
    for job in jobs {
      inputs.insert(resolved(job.image))
      if case .drawing(let path) = job.hole { inputs.insert(resolved(path)) }
    }
    var outputs: Set<String> = []
    if let attention {
      guard !inputs.contains(resolved(attention)) else {
        throw RunError(
          .usage, "\(attention): would be written over; choose another place with --attention")
      }
      outputs.insert(resolved(attention))
    }
    let results = jobs.flatMap(outputs(of:))
    for result in results {
      let output = resolved(result)
      guard !inputs.contains(output) else {
        throw RunError(
          .usage, "\(result): would be written over; choose another place with --output")
      }
      guard outputs.insert(output).inserted else {
        throw RunError(
          .badData,
          result == attention
            ? "\(result): result and --attention would be written here; name two places"
            : "\(result): two pictures of \(image) would be written here; rename one of them")
      }
    }
    try refuseToReplace(results + (attention.map { [$0] } ?? []), unless: overwrites)
  }
}

/// A file's path without its extension.
private func stem(of path: String) -> String { (path as NSString).deletingPathExtension }

/// Pictures of masks by the names of their photographs.
private struct MaskFolder {
  private let path: String
  // Names that look alike are equal here, however their accents are stored.
  private let names: [String: [String]]

  init(_ path: String) throws {
    self.path = path
    names = Dictionary(grouping: try PictureFolder(path).names, by: stem(of:))
  }

  /// The mask of a photograph, in the same folder as it within the folder of masks, or at its top.
  func mask(for name: String) throws -> String {
    let own = stem(of: name)
    guard let found = names[own] ?? names[(own as NSString).lastPathComponent] else {
      throw RunError(
        .badData,
        "\(path)/\(own).png: not there; every picture needs a mask of its name in \(path)")
    }
    guard found.count == 1 else {
      throw RunError(
        .badData,
        "\(path): \(found.joined(separator: " and ")) are both masks of \(name); remove one of them"
      )
    }
    return "\(path)/\(found[0])"
  }
}
