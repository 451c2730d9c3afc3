import Foundation
import HTTPService
import Images
import Synchronization

/// A folder of pictures on this machine, offered by numbers instead of by paths.
final class PictureFolder: Sendable {
  struct Entry: Encodable, Sendable {
    let id, name: String
  }

  private struct State {
    var ids: [String: String] = [:]
    var names: [String: String] = [:]
    var thumbnails: [String: [UInt8]] = [:]
    var order: [String] = []
  }

  private let path: String
  private let state = Mutex(State())
  private let landmarks: LandmarkList

  /// The most pictures that are listed.
  private static let entryLimit = 10_000
  /// Thumbnails that are kept.
  private static let thumbnailLimit = 2000
  /// A thumbnail's longer side.
  private static let thumbnailSide = 192

  /// Offers the PNG and JPEG files of a folder.
  init(_ path: String) {
    self.path = path
    landmarks = LandmarkList(near: path)
  }

  /// The pictures by name, as the folder has them now.
  func entries() -> [Entry] {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let names = found.filter { !$0.hasPrefix(".") && ImageFormat(extensionOf: $0) != nil }
      .sorted { $0.compare($1, options: [.numeric, .caseInsensitive]) == .orderedAscending }
      .prefix(Self.entryLimit)
    return state.withLock { state in
      names.map { name in
        let id = state.ids[name] ?? randomID()
        state.ids[name] = id
        state.names[id] = name
        return Entry(id: id, name: name)
      }
    }
  }

  /// A picture's name and bytes.
  ///
  /// - Throws: `HTTPProblem` where there is none of this number, `ImageError` where it cannot be read.
  func contents(_ id: String) throws -> (name: String, bytes: [UInt8], landmarks: FaceLandmarks?) {
    guard let name = state.withLock({ $0.names[id] }) else {
      throw HTTPProblem(.notFound, "The folder has no picture \(id.prefix(40)); list it again.")
    }
    let bytes = try imageFileContents("\(path)/\(name)")
    guard bytes.count <= StudioLimits.pictureBytes else {
      throw HTTPProblem(
        .contentTooLarge,
        "\(name) has \(bytes.count) bytes, and \(StudioLimits.pictureBytes) is the most.")
    }
    return (name, bytes, landmarks.landmarks(of: name))
  }

  /// A small JPEG of a picture.
  func thumbnail(_ id: String) throws -> [UInt8] {
    if let known = state.withLock({ $0.thumbnails[id] }) { return known }
    let (name, bytes, _) = try contents(id)
    let picture = try Image(
      decoding: bytes, name: name, pixelLimit: StudioLimits.picturePixels)
    let scale = min(1, Double(Self.thumbnailSide) / Double(max(picture.width, picture.height)))
    let small = picture.resized(
      width: max(1, Int(Double(picture.width) * scale)),
      height: max(1, Int(Double(picture.height) * scale)))
    let thumbnail = try small.encodedAsJPEG(quality: 80, name: name)
    state.withLock { state in
      state.thumbnails[id] = thumbnail
      state.order.append(id)
      if state.order.count > Self.thumbnailLimit {
        state.thumbnails[state.order.removeFirst()] = nil
      }
    }
    return thumbnail
  }
}
