import Filling
import Foundation
import GeneratorFiles
import HTTPService
import Images

extension StudioHandler {
  func fills(_ request: HTTPRequest, _ rest: [String]) async throws -> HTTPResponse {
    switch rest.count {
    case 0:
      try request.allow(.post)
      return try await start(request)
    case 1:
      try request.allow(.get, .delete)
      guard request.method == .get else {
        return HTTPResponse(json: try queue.cancel(rest[0]))
      }
      return HTTPResponse(json: try await waited(rest[0], request).1)
    case 2 where rest[1] == "patch":
      try request.allow(.get)
      let result = try await result(rest[0], request)
      return try fileResponse(result.patchPath, type: "image/png", keeps: true)
    case 2 where rest[1] == "picture":
      try request.allow(.get)
      let result = try await result(rest[0], request)
      let form = try form(of: request)
      let file = try await onPictureThread { try self.writer.file(of: result, as: form) }
      var response = try fileResponse(file.path, type: "image/\(form.format.rawValue)", keeps: true)
      let name = try writer.fileName(of: result, as: form, wanted: request.query["name"])
      response.headers["Content-Disposition"] = contentDisposition(name)
      return response
    case 2 where rest[1] == "save":
      try request.allow(.post)
      let result = try await result(rest[0], request)
      let form = try form(of: request)
      let wanted = request.query["name"]
      let name = try await onPictureThread {
        try self.writer.save(result, as: form, name: wanted)
      }
      return HTTPResponse(json: ["name": name], status: .created)
    default: throw HTTPProblem.noSuchAddress
    }
  }

  /// Puts a hole into the queue.
  private func start(_ request: HTTPRequest) async throws -> HTTPResponse {
    let picture = try store.picture(try request.required("picture"))
    let wanted = request.query["network"]
    let all = try await onFileThread { self.networks.networks() }
    let fillers = all.filter(\.abilities.fills)
    guard let network = wanted.map({ id in all.first { $0.id == id } }) ?? fillers.first else {
      throw HTTPProblem(
        .notFound,
        "There is no network \((wanted ?? "").prefix(60)); there are "
          + "\(all.map(\.id).joined(separator: ", ")).")
    }
    guard network.abilities.fills else {
      throw HTTPProblem(
        .badRequest,
        "\(network.name) makes faces from random vectors and fills no holes; choose one of "
          + "\(fillers.map(\.id).joined(separator: ", ")).")
    }
    let variant = try variant(of: network, request)
    let from = request.query["from"]
    if let from, try store.result(from).picture != picture.id {
      throw HTTPProblem(.badRequest, "from=\(from.prefix(40)) is a result of another picture.")
    }
    let region = try request.word("region", default: FillRequest.Region.auto)
    let mask = try await request.body.bytes(limit: StudioLimits.maskBytes)
    guard !mask.isEmpty else {
      throw HTTPProblem(
        .badRequest, "Send a mask as the request's body: a PNG in which white marks the hole.")
    }
    // Before it waits in the queue; the pixels are read when it is its turn.
    _ = try ImageHeader(of: mask, name: "The mask", pixelLimit: StudioLimits.picturePixels)
    let id = randomID()
    let path = "\(store.folder)/\(id)-mask"
    guard FileManager.default.createFile(atPath: path, contents: Data(mask)) else {
      throw HTTPProblem(
        .insufficientStorage, "The disk for temporary files is full; free some space.")
    }
    do {
      let description = try queue.add(
        StudioFill(
          id: id, session: request.query["session"] ?? "", picture: picture, from: from,
          network: network, region: region, variant: variant, maskPath: path))
      return HTTPResponse(json: description, status: .accepted)
    } catch {
      try? FileManager.default.removeItem(atPath: path)
      throw error
    }
  }

  private func variant(
    of network: StudioNetwork, _ request: HTTPRequest
  ) throws(HTTPProblem) -> StudioFill.Variant? {
    guard request.query["variant"] != nil else { return nil }
    guard network.abilities.drawsVariants else {
      throw HTTPProblem(
        .badRequest, "\(network.name) makes one filling of a hole; leave variant= out.")
    }
    return StudioFill.Variant(
      number: try request.number("variant", in: 1...1000, default: 1), seed: try request.seed)
  }

  func events(_ request: HTTPRequest) throws -> HTTPResponse {
    try request.allow(.get)
    let session = try request.required("session")
    let changes = queue.changes(session: session)
    return try streams.open { continuation in
      continuation.yield(ServerSentEvent("ready", data: "{}"))
      for await change in changes { continuation.yield(ServerSentEvent("fill", json: change)) }
      continuation.yield(ServerSentEvent("bye", data: "{}"))
    }
  }

  /// A page that goes takes its fills back.
  func session(_ request: HTTPRequest, _ rest: [String]) throws -> HTTPResponse {
    guard rest.count == 2, rest[1] == "close" else { throw HTTPProblem.noSuchAddress }
    try request.allow(.post)
    queue.cancelAll(of: rest[0])
    return HTTPResponse(.noContent)
  }

  private func waited(
    _ id: String, _ request: HTTPRequest
  ) async throws -> (fill: StudioFill, StudioFill.Description) {
    try await queue.wait(
      for: id, seconds: Double(try request.number("wait", in: 0...600, default: 0)))
  }

  /// The result of a fill that is done.
  private func result(_ id: String, _ request: HTTPRequest) async throws -> FillResult {
    let fill = try await waited(id, request).fill
    switch fill.state {
    case .done: return try store.result(id)
    case .queued, .running:
      throw HTTPProblem(
        .conflict, "The hole is not filled yet; ask again, or with wait=60 for the answer.")
    case .cancelled: throw HTTPProblem(.gone, "The fill was cancelled.")
    case .failed: throw HTTPProblem(.unprocessableContent, fill.error ?? "The fill has failed.")
    }
  }

  private func form(of request: HTTPRequest) throws -> ResultWriter.Form {
    ResultWriter.Form(
      format: try request.word("format", default: ImageFormat.png, of: ImageFormat.written),
      jpegQuality: try request.number("quality", in: 1...100, default: 95))
  }

  /// A file of the studio's own.
  func fileResponse(_ path: String, type: String, keeps: Bool) throws -> HTTPResponse {
    guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int else {
      throw HTTPProblem(.gone, "The file was removed meanwhile; do it again.")
    }
    return HTTPResponse(
      .ok,
      headers: [
        "Content-Type": type,
        // What a number names never changes.
        "Cache-Control": keeps ? "private, max-age=3600, immutable" : "no-store",
      ], body: .file(path: path, bytes: size))
  }

  private func contentDisposition(_ name: String) -> String {
    let plain = name.map { $0.isASCII && $0 != "\"" && $0 != "\\" ? $0 : "_" }
    let encoded =
      name.addingPercentEncoding(
        withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._")))
      ?? "picture"
    return "attachment; filename=\"\(String(plain))\"; filename*=UTF-8''\(encoded)"
  }
}

extension HTTPRequest {
  /// The seed of random vectors.
  var seed: UInt64 {
    get throws(HTTPProblem) {
      UInt64(try number("seed", in: 0...Int.max, default: 1))
    }
  }

  fileprivate func required(_ name: String) throws(HTTPProblem) -> String {
    guard let value = query[name], !value.isEmpty else {
      throw HTTPProblem(.badRequest, "The query lacks \(name)=...; see /api.")
    }
    return value
  }
}

extension ServerSentEvent {
  /// An event with a value as JSON.
  init(_ name: String, json value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let bytes = (try? encoder.encode(value)) ?? Data("null".utf8)
    self.init(name, data: String(decoding: bytes, as: UTF8.self))
  }
}
