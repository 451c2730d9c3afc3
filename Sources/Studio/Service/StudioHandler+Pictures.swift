import HTTPService
import Images

extension StudioHandler {
  func pictures(_ request: HTTPRequest, _ rest: [String]) async throws -> HTTPResponse {
    switch rest.count {
    case 0:
      try request.allow(.post)
      let bytes = try await request.body.bytes(limit: StudioLimits.pictureBytes)
      let name = request.query["name"] ?? "picture"
      let picture = try await onPictureThread { try self.store.add(bytes, name: name) }
      return HTTPResponse(json: picture.description, status: .created)
    case 1:
      try request.allow(.get, .delete)
      let picture = try store.picture(rest[0])
      guard request.method == .get else {
        store.close(picture.id)
        return HTTPResponse(.noContent)
      }
      return HTTPResponse(json: picture.description)
    case 2 where rest[1] == "view":
      try request.allow(.get)
      let picture = try store.picture(rest[0])
      return try fileResponse(picture.view.path, type: picture.view.type, keeps: true)
    case 2 where rest[1] == "mask":
      try request.allow(.post)
      let picture = try store.picture(rest[0])
      let bytes = try await request.body.bytes(limit: StudioLimits.maskBytes)
      return try await maskResponse(bytes, name: request.query["name"] ?? "The mask", for: picture)
    case 3 where rest[1] == "parts":
      try request.allow(.get)
      let picture = try store.picture(rest[0])
      guard picture.landmarks != nil, let part = FacePartMask.Part(pathName: rest[2]) else {
        throw HTTPProblem(
          .notFound, "Nobody knows where the part \(rest[2].prefix(20)) is in this picture.")
      }
      let mask = try await onPictureThread {
        try holeMask(of: part, in: picture).image.encodedAsPNG()
      }
      return HTTPResponse(mask, type: "image/png")
    default: throw HTTPProblem.noSuchAddress
    }
  }

  func folder(_ request: HTTPRequest, _ rest: [String]) async throws -> HTTPResponse {
    guard let folder else {
      throw HTTPProblem(.notFound, "The studio was started without --folder.")
    }
    switch rest.count {
    case 0:
      try request.allow(.get)
      return HTTPResponse(json: try await onFileThread { folder.entries() })
    case 1:
      try request.allow(.post)
      let picture = try await onPictureThread {
        let (name, bytes, landmarks) = try folder.contents(rest[0])
        return try self.store.add(bytes, name: name, landmarks: landmarks)
      }
      return HTTPResponse(json: picture.description, status: .created)
    case 2 where rest[1] == "thumbnail":
      try request.allow(.get)
      let thumbnail = try await onPictureThread { try folder.thumbnail(rest[0]) }
      return HTTPResponse(
        thumbnail, type: "image/jpeg", headers: ["Cache-Control": "private, max-age=600"])
    default: throw HTTPProblem.noSuchAddress
    }
  }

  func masks(_ request: HTTPRequest, _ rest: [String]) async throws -> HTTPResponse {
    guard let masks else {
      throw HTTPProblem(.notFound, "The studio was started without --masks.")
    }
    try request.allow(.get)
    switch rest.count {
    case 0: return HTTPResponse(json: try await onFileThread { masks.entries() })
    case 1:
      let picture = try store.picture(request.query["picture"] ?? "")
      let (name, bytes, _) = try await onFileThread { try masks.contents(rest[0]) }
      return try await maskResponse(bytes, name: name, for: picture)
    default: throw HTTPProblem.noSuchAddress
    }
  }

  /// A mask in its picture's size, white = hole.
  private func maskResponse(
    _ bytes: [UInt8], name: String, for picture: StudioPicture
  ) async throws -> HTTPResponse {
    let mask = try await onPictureThread {
      try holeMask(
        ofFile: bytes, name: safeFileName(name), width: picture.width, height: picture.height
      ).image.encodedAsPNG()
    }
    return HTTPResponse(mask, type: "image/png")
  }
}
