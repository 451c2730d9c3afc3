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
  /// The pictures to fill, by name, with their masks and the places of their results.
  ///
  /// - Throws: `RunError` where a picture or a mask is missing, or a file would be written over.
  func fillJobs() throws -> [FillJob] {
    let jobs = try foundJobs()
    try checkOutputs(of: jobs)
    return jobs
  }

  private func foundJobs() throws -> [FillJob] {
    guard let imageKind = FileKind(of: image) else {
      throw RunError(.badData, "\(image): not there; give a picture or a folder with --image")
    }
    if case .drawing(let path) = mask, FileKind(of: path) == nil {
      throw RunError(
        .badData,
        "\(path): not there; give with --mask a picture of the hole, a folder of them, or one of "
          + "the words center, alpha and #rrggbb")
    }
    guard imageKind == .folder else {
      let target = isFolder(output) ? "\(output)/\(resultName(of: image))" : output
      try checkExtension(of: target)
      return [FillJob(image: image, hole: try hole(for: image), output: target)]
    }
    guard isFolder(output) || (output as NSString).pathExtension.isEmpty else {
      throw RunError(
        .usage,
        "\(output): \(image) is a folder, so the results need a folder too; "
          + "end --output with / for a folder of this name")
    }
    let names = try pictureNames(inFolder: image)
    guard !names.isEmpty else {
      throw RunError(.badData, "\(image): no PNG or JPEG files in this folder")
    }
    return try names.map { name in
      FillJob(
        image: "\(image)/\(name)", hole: try hole(for: name),
        output: "\(output)/\(resultName(of: name))")
    }
  }

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

  /// Refuses to write over what is read, and over another result.
  private func checkOutputs(of jobs: [FillJob]) throws {
    func resolved(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
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
    for job in jobs {
      let output = resolved(job.output)
      guard !inputs.contains(output) else {
        throw RunError(
          .usage, "\(job.output): would be written over; choose another place with --output")
      }
      guard outputs.insert(output).inserted else {
        throw RunError(
          .badData,
          job.output == attention
            ? "\(job.output): result and --attention would be written here; name two places"
            : "\(job.output): two pictures of \(image) would be written here; rename one of them")
      }
    }
  }

  /// The hole of a picture: as given, or the drawing of its name in the given folder.
  private func hole(for image: String) throws -> HoleSource {
    guard case .drawing(let path) = mask, FileKind(of: path) == .folder else { return mask }
    let candidates = ["png", "jpg", "jpeg"].map { "\(path)/\(stem(of: image)).\($0)" }
    guard let found = candidates.first(where: { FileKind(of: $0) == .file }) else {
      throw RunError(
        .badData, "\(candidates[0]): not there; every picture needs a mask of its name in \(path)")
    }
    return .drawing(found)
  }

  private func stem(of path: String) -> String {
    ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }
}
