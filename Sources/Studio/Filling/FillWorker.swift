import Filling
import Foundation
import HTTPService
import Images
import Running
import Synchronization

/// The thread that computes: one for all networks, since each of them uses every processor.
///
/// It is always the same one: OpenMP keeps a team of threads for every thread that has ever called it.
final class FillWorker: Sendable {
  private let queue: FillQueue
  private let store: PictureStore
  private let settings: StudioSettings
  private let ended = DispatchSemaphore(value: 0)

  init(queue: FillQueue, store: PictureStore, settings: StudioSettings) {
    (self.queue, self.store, self.settings) = (queue, store, settings)
  }

  /// Starts the thread.
  func start() {
    let thread = Thread { [self] in
      let engine = FillEngine(
        convention: settings.convention, memoryLimit: settings.memoryLimit)
      let faces = FaceEngine()
      while let work = queue.next() {
        switch work {
        case .fill(let fill): compute(fill, with: engine)
        case .faces(let sheet, let reply): reply.resume(with: Result { try faces.png(of: sheet) })
        }
      }
      ended.signal()
    }
    thread.name = "fill"
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Waits until the queue has stopped and the last fill is done.
  ///
  /// - Returns: Whether that came in time.
  func waitForEnd(seconds: Double) -> Bool {
    let isInTime = ended.wait(timeout: .now() + seconds) == .success
    // For the next one who waits.
    if isInTime { ended.signal() }
    return isInTime
  }

  private func compute(_ fill: StudioFill, with engine: FillEngine) {
    defer { try? FileManager.default.removeItem(atPath: fill.maskPath) }
    let start = ContinuousClock.now
    do {
      let picture = try FilledPhotograph(fill.picture, results: store.chain(of: fill.from)).picture
      let mask = try holeMask(
        ofFile: imageFileContents(fill.maskPath), name: "The mask", width: picture.width,
        height: picture.height)
      let outcome = try engine.fill(
        picture, hole: mask, with: fill.network, region: fill.region, variant: fill.variant,
        name: fill.picture.name
      ) { queue.note(fill.id, regionsDone: $0, of: $1) }
      guard let outcome, let box = mask.bounds else {
        queue.finish(fill.id) { $0.state = .cancelled }
        return
      }
      let patchPath = "\(store.folder)/\(fill.id)-patch.png"
      try mask.patch(of: outcome.filled, in: box).write(to: patchPath)
      let size = try FileManager.default.attributesOfItem(atPath: patchPath)[.size] as? Int
      store.add(
        FillResult(
          id: fill.id, picture: fill.picture.id, from: fill.from, network: fill.network.name,
          box: box, patchPath: patchPath, patchBytes: size ?? 0))
      queue.finish(fill.id) {
        $0.state = .done
        $0.regionsDone = $0.regions
        $0.seconds = (ContinuousClock.now - start) / .seconds(1)
        $0.networkSeconds = outcome.seconds
        $0.note = outcome.note
        $0.box = box
      }
    } catch {
      let message = (error as? HTTPProblem)?.message ?? RunError(error).message
      queue.finish(fill.id) {
        $0.state = .failed
        // Files of the temporary folder have names that say nothing.
        $0.error = message.replacing(fill.picture.path, with: fill.picture.name)
      }
    }
  }
}
