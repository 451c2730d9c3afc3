package import Communication

extension Communicator {
  /// Lets rank 0 do something and gives its result to all ranks; collective.
  ///
  /// - Throws: Rank 0's error, on every rank.
  package func fromRoot(_ body: () throws -> [UInt8]) throws -> [UInt8] {
    var message: [UInt8] = []
    if isRoot {
      do {
        message = [0] + (try body())
      } catch {
        message = RunError(error).encoded
      }
    }
    let received = try broadcast(message)
    if let error = RunError(encoded: received) { throw error }
    return Array(received.dropFirst())
  }

  /// Lets every rank do something that may fail on some of them; collective.
  ///
  /// - Throws: The error of the first rank that failed, on every rank.
  package func together<Result>(_ body: () throws -> Result) throws -> Result {
    let outcome = Swift.Result { try body() }
    var message: [UInt8] = [0]
    if case .failure(let error) = outcome { message = RunError(error).encoded }
    for (rank, received) in try allGather(message).enumerated() {
      guard let error = RunError(encoded: received) else { continue }
      let message = worldSize > 1 ? "rank \(rank): \(error.message)" : error.message
      throw RunError(error.status, message, isShared: true)
    }
    return try outcome.get()
  }
}

extension RunError {
  fileprivate var encoded: [UInt8] { [UInt8(status.rawValue)] + Array(message.utf8) }

  fileprivate init?(encoded bytes: [UInt8]) {
    guard let first = bytes.first, first != 0 else { return nil }
    self.init(
      ExitStatus(rawValue: Int32(first)) ?? .failure,
      String(decoding: bytes.dropFirst(), as: UTF8.self), isShared: true)
  }
}
