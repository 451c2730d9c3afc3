import HTTPService
import Reports

extension StudioHandler {
  func runs(_ request: HTTPRequest, _ rest: [String]) async throws -> HTTPResponse {
    try request.allow(.get)
    switch rest.count {
    case 0: return HTTPResponse(json: try await onFileThread { self.runs.summaries() })
    case 1 where rest[0] == "events": return try runEvents()
    case 2 where rest[1] == "report":
      let facts = try await onFileThread { try self.runs.facts(of: rest[0]) }
      return HTTPResponse(facts, type: "application/json; charset=utf-8")
    case 3 where rest[1] == "samples":
      let path = try await onFileThread { try self.runs.sample(of: rest[0], step: rest[2]) }
      return try fileResponse(path, type: "image/png", keeps: false)
    default: throw HTTPProblem.noSuchAddress
    }
  }

  /// The page of a run's report, which goes on by itself.
  func reportPage(_ request: HTTPRequest) throws -> HTTPResponse {
    guard request.path.count == 2 else { throw HTTPProblem.noSuchAddress }
    let run = try runs.run(request.path[1])
    // Relative addresses are those of a folder.
    guard request.endsWithSlash else {
      return HTTPResponse(.seeOther, headers: ["Location": "\(run.id)/"])
    }
    return HTTPResponse(
      ReportAssets.livePage(title: run.name, root: "../../", run: run.id),
      type: "text/html; charset=utf-8")
  }

  /// Tells the list of runs as often as it changes.
  private func runEvents() throws -> HTTPResponse {
    try streams.open { [self] continuation in
      var known: [RunWatch.Summary]?
      while !Task.isCancelled {
        let now = try? await onFileThread { self.runs.summaries() }
        if let now, now != known {
          continuation.yield(ServerSentEvent("runs", json: now))
          known = now
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }
}
