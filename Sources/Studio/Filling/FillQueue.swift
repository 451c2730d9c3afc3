import Foundation
import HTTPService
import Synchronization

/// What waits for the thread that computes: fills, and sheets of faces.
///
/// Fills are remembered when they are over. Who asked hears of every change, and nobody else.
final class FillQueue: Sendable {
  /// What is to be computed next.
  enum Work: Sendable {
    case fill(StudioFill)
    case faces(FaceSheet, CheckedContinuation<[UInt8], any Error>)
  }

  typealias Changes = AsyncStream<StudioFill.Description>

  fileprivate struct Listener {
    let hears: @Sendable (StudioFill) -> Bool
    let continuation: Changes.Continuation
  }

  fileprivate struct State {
    var fills: [String: StudioFill] = [:]
    var order: [String] = []
    var waiting: [String] = []
    var sheets: [(FaceSheet, CheckedContinuation<[UInt8], any Error>)] = []
    var running: String?
    var isStopping = false
    var listeners: [Int: Listener] = [:]
    var nextListener = 0
    /// What is to be told, in this order.
    var news: [(to: Changes.Continuation, StudioFill.Description)] = []
  }

  private let state = Mutex(State())
  /// Held while news are told, one after another.
  ///
  /// Telling takes locks of the task that hears; who cancels that task holds them and then takes `state`, so
  /// that nobody may tell while he holds `state`.
  private let telling = Mutex(())
  private let work = DispatchSemaphore(value: 0)
  /// Fills that are remembered.
  private static let rememberedFills = 4000

  /// Puts a fill at the end of the queue.
  ///
  /// - Throws: `HTTPProblem` where too many wait.
  func add(_ fill: StudioFill) throws(HTTPProblem) -> StudioFill.Description {
    let outcome: Result<StudioFill.Description, HTTPProblem> = update { state in
      guard !state.isStopping else {
        return .failure(.closing)
      }
      let own = state.waiting.count { state.fills[$0]?.session == fill.session }
      guard state.waiting.count < StudioLimits.waitingFills,
        own < StudioLimits.waitingFillsPerSession
      else {
        return .failure(
          HTTPProblem(
            .tooManyRequests, "\(state.waiting.count) holes wait already; wait, or cancel some."))
      }
      state.fills[fill.id] = fill
      state.order.append(fill.id)
      if state.order.count > Self.rememberedFills {
        state.fills[state.order.removeFirst()] = nil
      }
      state.waiting.append(fill.id)
      state.tell(fill.id)
      return .success(state.describe(fill))
    }
    let description = try outcome.get()
    work.signal()
    return description
  }

  /// A fill.
  ///
  /// - Throws: `HTTPProblem` where there is none of this number.
  func fill(_ id: String) throws(HTTPProblem) -> (fill: StudioFill, StudioFill.Description) {
    let found = state.withLock { state in
      state.fills[id].map { ($0, state.describe($0)) }
    }
    guard let found else {
      throw HTTPProblem(.notFound, "There is no fill \(id.prefix(40)).")
    }
    return found
  }

  /// Has a sheet of faces made, before the fills that wait: it takes a moment.
  ///
  /// - Returns: A PNG.
  /// - Throws: `HTTPProblem` where too many wait; what is wrong with the weights.
  func faces(_ sheet: FaceSheet) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      let problem: HTTPProblem? = state.withLock { state in
        if state.isStopping { return .closing }
        guard state.sheets.count < StudioLimits.waitingSheets else {
          return HTTPProblem(.tooManyRequests, "Other faces are being made; ask again in a moment.")
        }
        state.sheets.append((sheet, continuation))
        return nil
      }
      if let problem {
        continuation.resume(throwing: problem)
      } else {
        work.signal()
      }
    }
  }

  /// Takes a fill back; one that is computed ends after its present region.
  func cancel(_ id: String) throws(HTTPProblem) -> StudioFill.Description {
    let mask = try fill(id).fill.maskPath
    let waited = update { state in
      guard let fill = state.fills[id], !fill.isOver else { return false }
      let waited = state.waiting.contains(id)
      state.waiting.removeAll { $0 == id }
      state.fills[id]?.state = .cancelled
      state.tell(id)
      state.tellWaiting()
      return waited
    }
    // The thread that computes removes those of the fills that it has begun.
    if waited { try? FileManager.default.removeItem(atPath: mask) }
    return try fill(id).1
  }

  /// Takes back everything of a session that waits or is computed.
  func cancelAll(of session: String) {
    let own = state.withLock { state in
      state.fills.values.filter { $0.session == session && !$0.isOver }.map(\.id)
    }
    for id in own { _ = try? cancel(id) }
  }

  /// Takes back the fill that is computed.
  func cancelRunning() {
    if let id = state.withLock({ $0.running }) { _ = try? cancel(id) }
  }

  /// The changes of a session's fills, beginning with those that are not over.
  func changes(session: String) -> Changes {
    changes { $0.session == session }
  }

  /// Waits until a fill is over.
  ///
  /// - Returns: The fill, over or not.
  func wait(for id: String, seconds: Double) async throws(HTTPProblem) -> (
    fill: StudioFill, StudioFill.Description
  ) {
    let changes = changes { $0.id == id }
    let (found, description) = try fill(id)
    if found.isOver || seconds <= 0 { return (found, description) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await change in changes
        where ["done", "failed", "cancelled"].contains(change.state) { return }
      }
      group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
      await group.next()
      group.cancelAll()
    }
    return try fill(id)
  }

  /// Changes the state, then tells whom it concerns.
  private func update<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
    let result = state.withLock { body(&$0) }
    telling.withLock { _ in
      let news = state.withLock { state in
        defer { state.news = [] }
        return state.news
      }
      for (continuation, description) in news { continuation.yield(description) }
    }
    return result
  }

  private func changes(hears: @escaping @Sendable (StudioFill) -> Bool) -> Changes {
    let (stream, continuation) = Changes.makeStream(bufferingPolicy: .bufferingNewest(500))
    let number = update { state in
      state.nextListener += 1
      state.listeners[state.nextListener] = Listener(hears: hears, continuation: continuation)
      for fill in state.fills.values where !fill.isOver && hears(fill) {
        state.news.append((continuation, state.describe(fill)))
      }
      return state.nextListener
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.listeners[number] = nil }
    }
    return stream
  }

  // MARK: For the thread that computes

  /// Waits for what is to be computed next; nil where there will be nothing.
  func next() -> Work? {
    while true {
      work.wait()
      let (next, isStopping): (Work?, Bool) = update { state in
        guard !state.isStopping else { return (nil, true) }
        if !state.sheets.isEmpty {
          let (sheet, continuation) = state.sheets.removeFirst()
          return (.faces(sheet, continuation), false)
        }
        // What was taken back has left a signal.
        guard !state.waiting.isEmpty else { return (nil, false) }
        let id = state.waiting.removeFirst()
        state.fills[id]?.state = .running
        state.running = id
        state.tell(id)
        state.tellWaiting()
        return (state.fills[id].map(Work.fill), false)
      }
      if let next { return next }
      if isStopping { return nil }
    }
  }

  /// Notes how far the running fill is.
  ///
  /// - Returns: Whether it shall go on.
  func note(_ id: String, regionsDone: Int, of regions: Int) -> Bool {
    update { state in
      state.fills[id]?.regionsDone = regionsDone
      state.fills[id]?.regions = regions
      state.tell(id)
      return state.fills[id]?.state == .running
    }
  }

  /// Ends the running fill.
  func finish(_ id: String, _ change: (inout StudioFill) -> Void) {
    update { state in
      state.running = nil
      guard var fill = state.fills[id], fill.state == .running else { return }
      change(&fill)
      state.fills[id] = fill
      state.tell(id)
    }
  }

  // MARK: The end

  /// Takes back what waits, lets the running fill come to its end, and takes nothing more.
  func stop() {
    let sheets = update { state in
      for id in state.waiting {
        state.fills[id]?.state = .cancelled
        state.tell(id)
      }
      state.waiting = []
      state.isStopping = true
      defer { state.sheets = [] }
      return state.sheets
    }
    for (_, continuation) in sheets { continuation.resume(throwing: HTTPProblem.closing) }
    work.signal()
  }
}

extension FillQueue.State {
  fileprivate func describe(_ fill: StudioFill) -> StudioFill.Description {
    let position = waiting.firstIndex(of: fill.id).map { $0 + (running == nil ? 0 : 1) }
    return fill.description(position: position)
  }

  fileprivate mutating func tell(_ id: String) {
    guard let fill = fills[id] else { return }
    for listener in listeners.values where listener.hears(fill) {
      news.append((listener.continuation, describe(fill)))
    }
  }

  /// Those that wait have moved up.
  fileprivate mutating func tellWaiting() {
    for id in waiting { tell(id) }
  }
}

extension HTTPProblem {
  /// Nothing new is begun.
  static let closing = HTTPProblem(.unavailable, "The studio is being closed.")
}
