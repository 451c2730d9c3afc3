import Foundation
import Images
import TensorCore

/// What the user asks of `inpaint fill`.
package struct FillRequest: Sendable {
  /// The generator's weights.
  package var weights: String
  /// A picture, or a folder of pictures.
  package var image: String
  /// A picture of the hole (white = hole), a folder of them by the pictures' names, or `center`.
  package var mask: String
  /// A file, or a folder.
  package var output: String
  /// Side of the centred square that is cut out first; 0 takes the whole picture.
  package var crop = 0
  /// Side that pictures are resized to; 0 leaves their size.
  package var side = 0
  /// Writes masked, filled and original side by side instead of the filled picture alone.
  package var compares = false

  /// Makes a request.
  package init(weights: String, image: String, mask: String, output: String) {
    (self.weights, self.image, self.mask, self.output) = (weights, image, mask, output)
  }

  /// The word for a centred square hole of half the picture's sides.
  package static let centredHole = "center"

  /// Fills every picture and writes the results.
  ///
  /// All pictures and masks are looked for before anything is written.
  ///
  /// - Parameter report: Receives a line for each picture.
  /// - Throws: `RunError`, `ImageError` or an error of the weights file, naming the file.
  package func run(report: (String) -> Void) throws {
    let jobs = try jobs()
    try checkOutputs(of: jobs)
    let filler = PictureFiller(try readGenerator(weights))
    for (index, job) in jobs.enumerated() {
      let original = try Image(contentsOf: job.image)
      let picture = prepared(original)
      let hole = try hole(job.mask, of: original, prepared: picture)
      guard hole.holeArea > 0 else {
        throw RunError(.badData, "\(job.image): too small for a hole in the middle")
      }
      let filled = filler.fill(picture, hole: hole)
      let result = compares ? comparison(picture, hole, filled) : filled
      try makeFolder((job.output as NSString).deletingLastPathComponent.orCurrentFolder)
      try result.write(to: job.output)
      report("\(index + 1)/\(jobs.count) \(job.output)")
    }
  }

  private struct Job {
    let image: String
    let mask: String
    let output: String
  }

  private func jobs() throws -> [Job] {
    guard let imageKind = FileKind(image) else {
      throw RunError(.badData, "\(image): not there; give a picture or a folder with --image")
    }
    guard mask == Self.centredHole || FileKind(mask) != nil else {
      throw RunError(
        .badData,
        "\(mask): not there; give a picture of the hole, a folder of them, or the word center "
          + "with --mask")
    }
    guard imageKind == .folder else {
      let isFile = ImageFormat(extensionOf: output) != nil
      let target = isFile ? output : "\(output)/\(stem(of: image)).png"
      return [Job(image: image, mask: try maskPath(for: image), output: target)]
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: image)
      .filter { ImageFormat(extensionOf: $0) != nil }.sorted()
    guard !names.isEmpty else {
      throw RunError(.badData, "\(image): no PNG or JPEG files in this folder")
    }
    return try names.map { name in
      Job(
        image: "\(image)/\(name)", mask: try maskPath(for: name),
        output: "\(output)/\(stem(of: name)).png")
    }
  }

  /// Refuses to write over what is read, and over another result.
  private func checkOutputs(of jobs: [Job]) throws {
    func resolved(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    let inputs = Set(
      jobs.flatMap { [resolved($0.image), resolved($0.mask)] } + [resolved(weights)])
    var outputs: Set<String> = []
    for job in jobs {
      let output = resolved(job.output)
      guard !inputs.contains(output) else {
        throw RunError(
          .usage, "\(job.output): would be written over; choose another place with --output")
      }
      guard outputs.insert(output).inserted else {
        throw RunError(
          .badData,
          "\(job.output): two pictures of \(image) would be written here; rename one of them")
      }
    }
  }

  /// The mask of a picture: the given file, or the one of its name in the given folder.
  private func maskPath(for image: String) throws -> String {
    guard mask != Self.centredHole, FileKind(mask) == .folder else { return mask }
    let candidates = ["png", "jpg", "jpeg"].map { "\(mask)/\(stem(of: image)).\($0)" }
    guard let found = candidates.first(where: { FileKind($0) == .file }) else {
      throw RunError(
        .badData, "\(candidates[0]): not there; every picture needs a mask of its name in \(mask)")
    }
    return found
  }

  private func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw RunError(
        .badData,
        "\(path): the folder cannot be made (\(systemReason(error))); "
          + "choose another place with --output")
    }
  }

  private func stem(of path: String) -> String {
    ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  private func prepared(_ picture: Image) -> Image {
    let square = crop > 0 ? picture.centreSquare(maximumSide: crop) : picture
    return side > 0 ? square.resized(width: side, height: side) : square
  }

  /// The hole of a picture; a mask of the original's size is cropped and resized like the picture.
  private func hole(_ path: String, of original: Image, prepared picture: Image) throws -> HoleMask
  {
    guard path != Self.centredHole else {
      var random = CounterBasedRandom(seed: 0, purpose: .mask)
      return RectangleMask.centre.mask(
        for: MaskSubject(width: picture.width, height: picture.height), using: &random)
    }
    var drawing = try Image(contentsOf: path, channels: .grey)
    if drawing.width == original.width, drawing.height == original.height {
      drawing = prepared(drawing)
    }
    guard drawing.width == picture.width, drawing.height == picture.height else {
      throw RunError(
        .badData,
        "\(path): the mask is \(drawing.width)x\(drawing.height), the picture "
          + "\(original.width)x\(original.height); a mask has its picture's size")
    }
    return try HoleMask(
      drawing: drawing, name: path, width: picture.width, height: picture.height)
  }

  private func comparison(_ picture: Image, _ hole: HoleMask, _ filled: Image) -> Image {
    Image(sideBySide: [hole.painted(on: picture, value: 128), filled, picture])
  }
}

private enum FileKind {
  case file, folder

  init?(_ path: String) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    self = isFolder.boolValue ? .folder : .file
  }
}

extension String {
  fileprivate var orCurrentFolder: String { isEmpty ? "." : self }
}
