/// What a server takes from its clients at most.
package struct HTTPLimits: Sendable {
  /// Bytes of a request's first line and headers.
  package var headBytes = 16 << 10
  /// Headers of a request.
  package var headerCount = 100
  /// Bytes of a body, unless a handler sets less.
  package var bodyBytes = 128 << 20
  /// Bytes of all bodies that are being received or are in handlers' hands.
  package var pendingBodyBytes = 512 << 20
  /// Open connections; one more closes the oldest one that waits for its request.
  package var connections = 512
  /// Seconds from a connection's start, or a request's first byte, to the end of its head.
  package var headSeconds = 10.0
  /// Seconds that a connection may be silent between two requests.
  package var idleSeconds = 30.0
  /// Seconds that any body may take.
  package var bodySeconds = 20.0
  /// Bytes a second that a body arrives at beyond that, and that answers are taken at.
  package var slowestBytesPerSecond = 64.0 * 1024
  /// Seconds that a client may take for a piece of an answer.
  package var answerSeconds = 30.0

  /// The limits that suit a server for a few people.
  package init() {}
}
