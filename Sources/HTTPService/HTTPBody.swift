/// What follows a request's head; it is read only where a handler wants it.
package struct HTTPBody: Sendable {
  /// Bytes, as the head tells.
  package let length: Int
  private let collect: @Sendable (_ limit: Int) async throws(HTTPProblem) -> [UInt8]

  init(
    length: Int, collect: @escaping @Sendable (_ limit: Int) async throws(HTTPProblem) -> [UInt8]
  ) {
    (self.length, self.collect) = (length, collect)
  }

  /// Reads the body.
  ///
  /// - Parameter limit: The most bytes; a larger one is refused before its first byte.
  /// - Returns: All of it.
  /// - Throws: `HTTPProblem` where it is too large, too slow or ends early.
  package func bytes(limit: Int) async throws(HTTPProblem) -> [UInt8] {
    guard length <= limit else {
      throw HTTPProblem(
        .contentTooLarge,
        "The request holds \(length) bytes, and \(limit) is the most that is taken here.")
    }
    return try await collect(limit)
  }
}
