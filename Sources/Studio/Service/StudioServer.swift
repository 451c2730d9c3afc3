import Dispatch
import Files
import Foundation
import HTTPService
import Running
import Synchronization

/// The studio: a page on this machine on which holes of photographs are filled and runs are watched.
package final class StudioServer: Sendable {
  private let settings: StudioSettings
  private let store: PictureStore
  private let queue: FillQueue
  private let worker: FillWorker
  private let server: HTTPServer
  private let streams: EventStreams
  private let token: String?
  /// Seconds that a fill may go on after the end was asked for.
  private static let graceSeconds = 10.0

  /// Looks for networks and takes an address.
  ///
  /// - Throws: `RunError` where a file or folder is not there, or the address is taken.
  package init(_ settings: StudioSettings) throws {
    self.settings = settings
    for (option, folder) in [("--folder", settings.folder), ("--masks", settings.masks)] {
      var isFolder: ObjCBool = false
      guard let folder else { continue }
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue
      else { throw RunError(.badData, "\(folder): no such folder; give another with \(option)") }
    }
    if let output = settings.output, ![nil, .folder].contains(FileKind(of: output)) {
      throw RunError(
        .badData, "\(output): is no folder; give another for the results with --output")
    }
    let networks = try NetworkList(weights: settings.weights, runs: settings.runs)
    store = try PictureStore()
    queue = FillQueue()
    worker = FillWorker(queue: queue, store: store, settings: settings)
    let isLocal = ["127.0.0.1", "::1", "localhost"].contains(settings.host)
    token = isLocal ? nil : randomID()
    let isAnyAddress = ["0.0.0.0", "::"].contains(settings.host)
    let access = AccessRules(
      hosts: isLocal ? [] : [settings.host, ProcessInfo.processInfo.hostName],
      proxies: Set(settings.trustedHosts), allowsAddresses: isAnyAddress, token: token)
    let handler = StudioHandler(
      settings, token: token, store: store, queue: queue, networks: networks)
    streams = handler.streams
    do {
      server = try Self.listening(settings, access, handler)
    } catch {
      store.removeAll()
      throw error
    }
  }

  private static func listening(
    _ settings: StudioSettings, _ access: AccessRules, _ handler: StudioHandler
  ) throws -> HTTPServer {
    let ports =
      settings.port.map { $0...$0 } ?? StudioSettings.firstPort...StudioSettings.firstPort + 50
    for port in ports {
      do {
        return try HTTPServer(host: settings.host, port: port, access: access, handler: handler)
      } catch {
        guard error.isInUse, port < ports.upperBound else {
          throw RunError(.usage, error.description)
        }
      }
    }
    throw RunError(.usage, "no port is free")
  }

  /// Where the page is.
  package var address: String {
    let shown =
      ["0.0.0.0", "::"].contains(settings.host)
      ? ProcessInfo.processInfo.hostName : settings.host
    let host = shown.contains(":") ? "[\(shown)]" : shown
    return "http://\(host):\(server.port)/\(token.map { "?token=\($0)" } ?? "")"
  }

  /// Serves until a signal asks for the end, which lets the present fill and all saves come to theirs; a
  /// second signal ends at once.
  ///
  /// - Parameter report: Receives lines for people.
  package func run(report: @escaping @Sendable (String) -> Void) {
    report("inpaint studio: \(address)")
    worker.start()
    let ended = DispatchSemaphore(value: 0)
    Task { [server] in
      await server.run()
      ended.signal()
    }
    let signals = listenForSignals(report)
    if settings.opensBrowser { openBrowser() }
    ended.wait()
    _ = worker.waitForEnd(seconds: Self.graceSeconds)
    store.removeAll()
    signals.forEach { $0.cancel() }
  }

  /// Ends `run`.
  package func stop() {
    queue.stop()
    Task { [self] in
      // Whoever waits for the present fill gets it, or hears that it was taken back.
      let isDone = await Task.detached { [self] in worker.waitForEnd(seconds: Self.graceSeconds) }
        .value
      if !isDone { queue.cancelRunning() }
      streams.end()
      await server.stop(graceSeconds: Self.graceSeconds)
    }
  }

  private func listenForSignals(
    _ report: @escaping @Sendable (String) -> Void
  ) -> [any DispatchSourceSignal] {
    let count = Counter()
    return [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        guard count.next() == 1 else {
          store.removeAll()
          exit(128 + number)
        }
        report("inpaint studio: ends as soon as what is being filled and saved is done")
        stop()
      }
      source.resume()
      return source
    }
  }

  private func openBrowser() {
    #if os(macOS)
    let opener = "open"
    #else
    let opener = "xdg-open"
    #endif
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [opener, address]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try? process.run()
  }
}

/// Counts.
private final class Counter: Sendable {
  private let value = Mutex(0)

  /// 1, then 2, and so on.
  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
