/// What answers requests: the whole of what a program has to be to stand behind an `HTTPServer`.
package protocol HTTPHandler: Sendable {
  /// Answers a request that the access rules have let through.
  ///
  /// Whatever takes long or blocks belongs on a thread of its own: this runs on the few threads that
  /// all connections share.
  func response(to request: HTTPRequest) async -> HTTPResponse
}
