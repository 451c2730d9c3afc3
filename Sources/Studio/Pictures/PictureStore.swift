import Foundation
import HTTPService
import Images
import Running
import Synchronization

/// The photographs that are open and the results made of them, in a folder that ends with the process.
final class PictureStore: Sendable {
  fileprivate struct State {
    var pictures: [String: StudioPicture] = [:]
    var results: [String: FillResult] = [:]
    /// When something was last asked for, by the number of the question.
    var lastUse: [String: Int] = [:]
    var uses = 0
  }

  private let state = Mutex(State())
  private let place: LockedFolder
  /// The folder, for this user only.
  var folder: String { place.path }

  /// Makes the folder.
  ///
  /// - Throws: `RunError` where the system has none for temporary files.
  init() throws {
    place = try LockedFolder()
  }

  /// Removes the folder.
  func removeAll() { place.remove() }

  /// Takes a picture in.
  ///
  /// - Parameters:
  ///   - bytes: A PNG or JPEG file's.
  ///   - name: Its name, for people.
  ///   - landmarks: Where the face's parts are, if somebody has said so.
  /// - Returns: The open picture.
  /// - Throws: `HTTPProblem` where it is no picture, or too large.
  func add(
    _ bytes: [UInt8], name: String, landmarks: FaceLandmarks? = nil
  ) throws -> StudioPicture {
    let name = safeFileName(name)
    guard let format = ImageFormat(signatureOf: bytes) else {
      throw HTTPProblem(
        .unsupportedMediaType, "\(name) is no PNG, JPEG, WebP or TIFF; convert it first.")
    }
    let header = try ImageHeader(of: bytes, name: name, pixelLimit: StudioLimits.picturePixels)
    // A damaged file is found now, not at the first fill.
    let picture = try Image(
      decoding: bytes, name: name, channels: .asStored, pixelLimit: StudioLimits.picturePixels)
    let id = randomID()
    let path = "\(folder)/\(id).\(format.rawValue)"
    try write(bytes, to: path)
    var stored = bytes.count
    var view = (path: path, type: "image/\(format.rawValue)")
    let isTurned = format != .jpeg && ExifOrientation(of: bytes, format: format) != .upright
    if isTurned || format == .tiff || header.layout == .invertedCMYK {
      // Browsers show these in ways of their own.
      let upright = try picture.encodedAsPNG(name: name)
      view = ("\(folder)/\(id)-view.png", "image/png")
      try write(upright, to: view.path)
      stored += upright.count
    }
    let depthPosition = 24
    let added = StudioPicture(
      id: id, name: name, path: path, view: view, width: picture.width, height: picture.height,
      format: format, bits: format == .png && bytes[depthPosition] == 16 ? 16 : 8,
      channels: picture.channels, bytes: stored,
      landmarks: landmarks
        ?? (StudioPicture.isAligned(width: picture.width, height: picture.height)
          ? .canonical(width: picture.width, height: picture.height) : nil))
    let removed = state.withLock { state in
      state.pictures[id] = added
      state.use(id)
      return state.removeUnused(keeping: id)
    }
    remove(removed)
    return added
  }

  /// An open picture.
  ///
  /// - Throws: `HTTPProblem` where there is none of this number.
  func picture(_ id: String) throws(HTTPProblem) -> StudioPicture {
    let found = state.withLock { state in
      state.use(id)
      return state.pictures[id]
    }
    guard let found else {
      throw HTTPProblem(
        .notFound,
        "There is no open picture \(id.prefix(40)); it was closed or pushed out: open it again.")
    }
    return found
  }

  /// Forgets a picture and its results.
  func close(_ id: String) {
    remove(state.withLock { $0.removePicture(id) })
  }

  /// Keeps a result; where its picture was closed meanwhile, its file goes.
  func add(_ result: FillResult) {
    let removed = state.withLock { state in
      guard state.pictures[result.picture] != nil else { return [result.patchPath] }
      state.results[result.id] = result
      state.use(result.picture)
      return state.removeUnused(keeping: result.picture)
    }
    remove(removed)
  }

  /// A result.
  ///
  /// - Throws: `HTTPProblem` where there is none of this number.
  func result(_ id: String) throws(HTTPProblem) -> FillResult {
    let found = state.withLock { state in
      let result = state.results[id]
      if let result { state.use(result.picture) }
      return result
    }
    guard let found else {
      throw HTTPProblem(.notFound, "There is no result \(id.prefix(40)); fill the hole again.")
    }
    return found
  }

  /// The results that led to one, the first one first.
  func chain(of id: String?) throws(HTTPProblem) -> [FillResult] {
    var results: [FillResult] = []
    var next = id
    while let id = next {
      let result = try self.result(id)
      results.append(result)
      next = result.from
    }
    return results.reversed()
  }

  private func write(_ bytes: [UInt8], to path: String) throws(HTTPProblem) {
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
      throw HTTPProblem(
        .insufficientStorage, "The disk for temporary files is full; free some space.")
    }
  }

  private func remove(_ paths: [String]) {
    for path in paths { try? FileManager.default.removeItem(atPath: path) }
  }
}

extension PictureStore.State {
  fileprivate mutating func use(_ picture: String) {
    uses += 1
    if pictures[picture] != nil { lastUse[picture] = uses }
  }

  /// Forgets a picture; the paths of the files that are not needed any more.
  fileprivate mutating func removePicture(_ id: String) -> [String] {
    guard let picture = pictures.removeValue(forKey: id) else { return [] }
    lastUse[id] = nil
    let own = results.values.filter { $0.picture == id }
    for result in own { results[result.id] = nil }
    return [picture.path, picture.view.path] + own.map(\.patchPath)
  }

  fileprivate mutating func removeUnused(keeping kept: String) -> [String] {
    var paths: [String] = []
    while true {
      let bytes =
        pictures.values.reduce(0) { $0 + $1.bytes }
        + results.values.reduce(0) { $0 + $1.patchBytes }
      guard bytes > StudioLimits.storedBytes || pictures.count > StudioLimits.storedPictures,
        let oldest = lastUse.filter({ $0.key != kept }).min(by: { $0.value < $1.value })
      else { return paths }
      paths += removePicture(oldest.key)
    }
  }
}

/// A number that nobody guesses.
func randomID() -> String {
  var generator = SystemRandomNumberGenerator()
  return (0..<2).map { _ in
    let digits = String(generator.next() as UInt64, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }.joined()
}

/// A name that is the name of a file in a folder and nothing else, whatever was sent.
func safeFileName(_ name: String) -> String {
  let base = name.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
  var scalars = String.UnicodeScalarView()
  for scalar in base.unicodeScalars {
    let isControl = [.control, .format, .lineSeparator, .paragraphSeparator, .surrogate]
      .contains(scalar.properties.generalCategory)
    // Emoji are joined by U+200D.
    if !isControl || scalar.value == 0x200D { scalars.append(scalar) }
  }
  var result = String(scalars).trimmingCharacters(in: .whitespaces)
  while result.hasPrefix(".") { result.removeFirst() }
  // File systems have room for 255 bytes.
  while result.utf8.count > 180 { result.removeLast() }
  return result.isEmpty ? "picture" : result
}
