import Foundation
import GeneratorFiles
package import Images
package import Models
import Running
package import TensorCore

/// What the user asks of `inpaint fill`.
package struct FillRequest: Sendable {
  /// How much of a picture the network sees.
  package enum Region: String, CaseIterable, Sendable {
    /// The whole picture where that fits into memory, else the surroundings of the holes.
    case auto
    /// The whole picture.
    case whole
    /// The surroundings of the holes.
    case hole
  }

  /// The generator's weights.
  package var weights: String
  /// A picture, or a folder of pictures.
  package var image: String
  /// Where the holes are.
  package var mask: HoleSource
  /// A file, or a folder.
  package var output: String
  /// Side of the centred square that is cut out first; 0 takes the whole picture.
  package var crop = 0
  /// Side that pictures are resized to; 0 leaves their size.
  package var side = 0
  /// Replaces files that are there already.
  package var overwrites = false
  /// The key of the generator in a file of weights that holds several; nil finds it.
  package var entry: String?
  /// Writes input, mask and result side by side instead of the result alone.
  package var compares = false
  /// How much of a picture the network sees.
  package var region = Region.auto
  /// What files in a folder of results are written as.
  package var folderFormat = ImageFormat.png
  /// Bytes that the network may use; nil for what the system has free.
  package var memoryLimit: Int?
  /// Whose weights they are, for kinds of generators that have several conventions; nil for what the
  /// file says.
  package var convention: String?
  /// How many fillings of each hole to make, with a generator with noise; 0 makes the mean filling.
  package var variants = 0
  /// Chooses the vectors of the fillings: filling k of a seed is the same however many are made.
  package var seed: UInt64 = 1
  /// How a filling meets the known pixels.
  package var composite = CompositeKind.membrane
  /// The type of feature maps inside the network.
  package var precision = ElementType.float32
  /// The picture of where the network has looked; nil writes none.
  package var attention: String?

  /// Makes a request.
  package init(weights: String, image: String, mask: HoleSource, output: String) {
    (self.weights, self.image, self.mask, self.output) = (weights, image, mask, output)
  }

  /// Fills every picture and writes the results.
  ///
  /// All pictures and masks are looked for before anything is written. In a folder, a picture that
  /// cannot be filled does not keep the others from being filled.
  ///
  /// - Parameter report: Receives a line for each picture.
  /// - Throws: `RunError`, `ImageError` or an error of the weights file, naming the file.
  package func run(report: (String) -> Void) throws {
    let (jobs, skipped) = try fillJobs()
    var generator = try readGenerator(weights, convention: convention, entry: entry)
    generator.precision = precision
    try checkAttention(generator, jobs)
    try checkVariants(generator)
    if !skipped.isEmpty { report("\(image): left out \(skipped.description)") }
    let filler = PictureFiller(generator, composite: composite)
    var failures: [RunError] = []
    func finish(_ index: Int, _ writing: Meanwhile<Written>) throws {
      do {
        let written = try writing.value()
        let time = written.seconds.formatted(.number.precision(.fractionLength(1)))
        report("\(index + 1)/\(jobs.count) \(written.place) (\(written.note), \(time) s)")
      } catch {
        guard jobs.count > 1 else { throw error }
        failures.append(RunError(error))
        report("\(index + 1)/\(jobs.count) \(RunError(error).message)")
      }
    }
    // While the network fills a picture the next one is read and the last one is written.
    func opened(_ job: FillJob) -> Meanwhile<Opened> { Meanwhile { try self.read(job) } }
    var next: Meanwhile<Opened>?
    var last: (index: Int, writing: Meanwhile<Written>)?
    for (index, job) in jobs.enumerated() {
      let current = next ?? opened(job)
      next = index + 1 < jobs.count ? opened(jobs[index + 1]) : nil
      let filled = Result { try fill(current.value(), job, with: filler) }
      if let last { try finish(last.index, last.writing) }
      last = (index, Meanwhile { try self.write(filled.get(), job) })
    }
    if let last { try finish(last.index, last.writing) }
    guard let first = failures.first else { return }
    throw RunError(
      first.status,
      "\(failures.count) of \(jobs.count) pictures could not be filled:\n"
        + failures.map { "  \($0.message)" }.joined(separator: "\n"))
  }

  /// A picture and what is to be filled of it.
  private struct Opened: Sendable {
    let photograph: Photograph
    /// What the network sees.
    let picture: Image
    let hole: HoleMask
    /// What reading took.
    let duration: Duration
  }

  /// Fillings that are not written yet.
  private struct Filled: Sendable {
    let opened: Opened
    let fillings: [Image]
    let attention: AttentionMap?
    let note: String
    /// What reading and filling took.
    let duration: Duration
  }

  /// What the user is told about a picture.
  private struct Written: Sendable {
    let place: String
    let note: String
    let seconds: Double
  }

  private func read(_ job: FillJob) throws -> Opened {
    let start = ContinuousClock.now
    let original = try Photograph(contentsOf: job.image)
    try checkCrop(original.picture, name: job.image)
    let preparation = PhotographPreparation(crop: crop, side: side)
    let photograph = original.prepared(preparation)
    let hole = try job.hole.hole(
      of: original.picture, name: job.image, isLossy: original.isLossy, preparation: preparation)
    guard hole.holeArea > 0 else {
      let (width, height) = (photograph.picture.width, photograph.picture.height)
      throw RunError(.badData, "\(job.image): \(width)x\(height) is too small for a hole")
    }
    return Opened(
      photograph: photograph, picture: photograph.seen, hole: hole,
      duration: ContinuousClock.now - start)
  }

  private func fill(
    _ opened: Opened, _ job: FillJob, with filler: PictureFiller
  ) throws -> Filled {
    let start = ContinuousClock.now
    let (picture, hole) = (opened.picture, opened.hole)
    let plan = try FillPlan(
      hole: hole, region: region, bytesPerPixel: filler.bytesPerPixel,
      available: memoryLimit ?? availableMemory(), name: job.image)
    var map = attention.map { _ in AttentionMap(width: picture.width, height: picture.height) }
    let vectors = variants == 0 ? [nil] : filler.noise(variants, seed: seed).map(Optional.some)
    let fillings = vectors.map { noise in
      filler.fill(picture, hole: hole, regions: plan.regions, noise: noise) {
        map?.add($0, of: hole)
      }
    }
    return Filled(
      opened: opened, fillings: fillings, attention: map, note: plan.note,
      duration: opened.duration + (ContinuousClock.now - start))
  }

  private func write(_ filled: Filled, _ job: FillJob) throws -> Written {
    let start = ContinuousClock.now
    let (photograph, hole) = (filled.opened.photograph, filled.opened.hole)
    let picture = filled.opened.picture
    try makeFolder((job.output as NSString).deletingLastPathComponent.orCurrentFolder)
    let paths = outputs(of: job)
    var (width, height) = (picture.width, picture.height)
    if compares {
      let sheet = Image(sideBySide: [picture, hole.image.convertedToRGB()] + filled.fillings)
      try sheet.write(to: job.output)
      (width, height) = (sheet.width, sheet.height)
    } else {
      for (path, filling) in zip(paths, filled.fillings) {
        try photograph.write(filled: filling, hole: hole, to: path)
      }
    }
    if let attention, let map = filled.attention {
      try makeFolder((attention as NSString).deletingLastPathComponent.orCurrentFolder)
      try map.image.write(to: attention)
    }
    let last = paths.dropFirst().suffix(1).map { ($0 as NSString).lastPathComponent }
    return Written(
      place: (paths.prefix(1) + last).joined(separator: " to "),
      note: "\(width)x\(height)\(filled.note)" + notes(on: photograph, hole, job),
      seconds: (filled.duration + (ContinuousClock.now - start)) / .seconds(1))
  }

  /// What the user may not expect of a result.
  private func notes(on photograph: Photograph, _ hole: HoleMask, _ job: FillJob) -> String {
    var notes = ""
    if hole.holeArea == hole.values.count {
      notes += ", the mask covers the whole picture: nothing of it is left"
    }
    if ImageFormat(extensionOf: job.output) == .jpeg, photograph.isTransparent, !compares {
      notes += ", without its transparency, which JPEG does not hold"
    }
    return notes
  }

  /// Refuses a square that is larger than the picture.
  private func checkCrop(_ picture: Image, name: String) throws {
    let shorter = min(picture.width, picture.height)
    guard crop > shorter else { return }
    throw RunError(
      .badData,
      "\(name): is \(picture.width)x\(picture.height), so no square of --crop \(crop) can be cut "
        + "out; give at most \(shorter), or 0 for the whole picture")
  }

  /// The files that a job writes.
  func outputs(of job: FillJob) -> [String] {
    guard variants > 0, !compares else { return [job.output] }
    let path = job.output as NSString
    let digits = "\(variants)".count
    return (1...variants).map { number in
      let text = "\(number)"
      let zeros = String(repeating: "0", count: digits - text.count)
      return "\(path.deletingPathExtension)-\(zeros)\(text).\(path.pathExtension)"
    }
  }

  /// Refuses several fillings where the generator makes one.
  private func checkVariants(_ generator: any InpaintingGenerator) throws {
    guard variants > 0 else { return }
    guard generator.noiseCount > 0 else {
      throw RunError(
        .usage,
        "--variants: the \(generator.kindName) generator of \(weights) makes one filling of a hole; "
          + "leave the option out, or train one with model.noise")
    }
    guard attention == nil else {
      throw RunError(.usage, "--attention: is drawn for one filling; leave --variants out")
    }
  }

  /// Refuses a picture of the attention where there is none, or more than one.
  private func checkAttention(
    _ generator: any InpaintingGenerator, _ jobs: [FillJob]
  ) throws {
    guard let attention else { return }
    guard generator.hasAttention else {
      throw RunError(
        .usage,
        "--attention: the \(generator.kindName) generator of \(weights) has no attention; "
          + "leave the option out")
    }
    guard jobs.count == 1 else {
      throw RunError(
        .usage, "--attention: is drawn for one picture, and \(image) holds \(jobs.count)")
    }
    guard ImageFormat(extensionOf: attention) != nil else {
      throw RunError(.usage, "\(attention): pictures are written as .png, .jpg or .jpeg")
    }
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
}

extension String {
  fileprivate var orCurrentFolder: String { isEmpty ? "." : self }
}
