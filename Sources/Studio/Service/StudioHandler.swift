import Dispatch
import Foundation
import HTTPService
import Images
import Running

/// Answers the page's and programs' requests.
///
/// Everything is named by numbers of the studio's own, never by paths: what is not in its tables does
/// not exist.
final class StudioHandler: HTTPHandler {
  let settings: StudioSettings
  let token: String?
  let store: PictureStore
  let queue: FillQueue
  let networks: NetworkList
  let writer: ResultWriter
  let runs: RunWatch
  let folder: PictureFolder?
  let masks: PictureFolder?
  let streams = EventStreams()
  /// Reads, decodes and writes pictures, one at a time: that bounds memory.
  private let pictureQueue = DispatchQueue(label: "pictures", qos: .userInitiated)
  /// Reads runs.
  private let fileQueue = DispatchQueue(label: "files")

  init(
    _ settings: StudioSettings, token: String?, store: PictureStore, queue: FillQueue,
    networks: NetworkList
  ) {
    (self.settings, self.token, self.store, self.queue) = (settings, token, store, queue)
    self.networks = networks
    writer = ResultWriter(store: store, output: settings.output)
    runs = RunWatch(settings.runs)
    folder = settings.folder.map(PictureFolder.init)
    masks = settings.masks.map(PictureFolder.init)
  }

  func response(to request: HTTPRequest) async -> HTTPResponse {
    do {
      return try await answer(request)
    } catch let problem as HTTPProblem {
      return HTTPResponse(problem)
    } catch {
      let error = RunError(error)
      let status: HTTPStatus =
        error.status == .failure ? .internalServerError : .unprocessableContent
      // Names in the temporary folder say nothing to anybody.
      return HTTPResponse(
        HTTPProblem(status, error.message.replacing("\(store.folder)/", with: "")))
    }
  }

  private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard request.path.first == "api", request.path.count > 1 else {
      return try page(request)
    }
    let (area, rest) = (request.path[1], Array(request.path.dropFirst(2)))
    switch area {
    case "status" where rest.isEmpty: return try status(request)
    case "networks" where rest.isEmpty:
      try request.allow(.get)
      return HTTPResponse(
        json: try await onFileThread { self.networks.networks().map(\.description) })
    case "pictures": return try await pictures(request, rest)
    case "folder": return try await folder(request, rest)
    case "masks": return try await masks(request, rest)
    case "fills": return try await fills(request, rest)
    case "faces" where rest.isEmpty: return try await faces(request)
    case "events" where rest.isEmpty: return try events(request)
    case "sessions": return try session(request, rest)
    case "runs": return try await runs(request, rest)
    default: throw HTTPProblem.noSuchAddress
    }
  }

  private func page(_ request: HTTPRequest) throws -> HTTPResponse {
    try request.allow(.get)
    // The token leaves the address as soon as a cookie holds it.
    if request.path.isEmpty, let token, request.query["token"] != nil {
      return HTTPResponse(
        .seeOther,
        headers: [
          "Location": "./",
          "Set-Cookie": "\(AccessRules.cookie)=\(token); HttpOnly; SameSite=Strict",
        ])
    }
    if request.path.first == "runs" { return try reportPage(request) }
    let name =
      switch request.path {
      case []: "index.html"
      case ["api"]: "api.html"
      default: request.path.count == 1 ? request.path[0] : ""
      }
    guard let asset = PageAssets.asset(name) else { throw HTTPProblem.noSuchAddress }
    return HTTPResponse(asset.bytes, type: asset.type)
  }

  private func status(_ request: HTTPRequest) throws -> HTTPResponse {
    struct Status: Encodable {
      let version: String
      let saves, hasFolder, hasMasks: Bool
      let pictureBytes, picturePixels: Int
    }
    try request.allow(.get)
    return HTTPResponse(
      json: Status(
        version: codeVersion, saves: writer.saves, hasFolder: folder != nil, hasMasks: masks != nil,
        pictureBytes: StudioLimits.pictureBytes, picturePixels: StudioLimits.picturePixels))
  }

  /// Lets something that takes long happen on the thread for pictures.
  func onPictureThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await pictureQueue.result(of: body)
  }

  /// Lets something that reads files happen on the thread for that.
  func onFileThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await fileQueue.result(of: body)
  }
}

extension DispatchQueue {
  fileprivate func result<Value: Sendable>(
    of body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      async { continuation.resume(with: Result { try body() }) }
    }
  }
}

extension HTTPProblem {
  /// Nothing is at an address.
  static let noSuchAddress = HTTPProblem(
    .notFound, "There is nothing at this address; see /api for what there is.")
}

extension HTTPRequest {
  /// Refuses other methods.
  func allow(_ methods: Method...) throws(HTTPProblem) {
    guard methods.contains(method) else {
      throw HTTPProblem(
        .methodNotAllowed,
        "This address takes \(methods.map(\.rawValue).joined(separator: " and ")) only.")
    }
  }

  /// A number of the query within a range.
  func number(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(HTTPProblem) -> Int {
    guard let text = query[name] else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw HTTPProblem(
        .badRequest,
        "\(name)=\(text.prefix(20)): give a number from \(range.lowerBound) to \(range.upperBound)."
      )
    }
    return value
  }

  /// One of some words of the query.
  func word<Word: RawRepresentable & CaseIterable & Equatable>(
    _ name: String, default fallback: Word, of words: [Word] = Array(Word.allCases)
  ) throws(HTTPProblem) -> Word where Word.RawValue == String {
    guard let text = query[name] else { return fallback }
    guard let value = Word(rawValue: text), words.contains(value) else {
      throw HTTPProblem(
        .badRequest,
        "\(name)=\(text.prefix(20)): give one of "
          + "\(words.map(\.rawValue).joined(separator: ", ")).")
    }
    return value
  }
}
