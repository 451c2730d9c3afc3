import Checkpoints
import Communication
import Foundation
import Running

extension Trainer {
  /// Makes sure, before step 1, that the run's states can be saved; collective.
  ///
  /// - Throws: On every rank, what keeps them from being saved, and what to do.
  func makeSureThatStatesCanBeSaved(after step: Int) throws {
    _ = try communicator.fromRoot {
      guard let writer else { return [] }
      let snapshot = session.snapshot(step: step + 1, validation: [:])
      do {
        let room = try writer.store.rehearse(snapshot)
        if room.freeByteCount < room.wantedByteCount {
          warn(
            "\(writer.store.root): the checkpoints that are to stay will need "
              + "\(room.wantedByteCount >> 20) MiB, \(room.freeByteCount >> 20) MiB are free; make "
              + "room, or keep fewer with checkpoint.keep_last")
        }
      } catch {
        throw RunError(
          .usage,
          "\(error): this run could not be saved; make room, or choose another folder with --run")
      }
      return []
    }
  }

  /// Saves the last state of a run on this rank: again and again for a while, and elsewhere where the run
  /// folder does not take it.
  ///
  /// - Returns: What was saved, and where.
  /// - Throws: Why nothing took it.
  func saveLast(
    _ snapshot: CheckpointSnapshot, with writer: BackgroundCheckpointWriter,
    rescue: CheckpointStore?
  ) throws -> SaveReport {
    let patience = Self.patienceSeconds
    let end = ContinuousClock.now + .seconds(patience)
    var pause = 1.0
    while true {
      // The watchdog is to see that this goes on.
      StepPhase.enter("save")
      do {
        return try writer.saveAndWait(snapshot)
      } catch {
        _ = writer.takeReports()
        if let rescue, let report = save(snapshot, to: rescue, because: error) { return report }
        guard ContinuousClock.now < end else {
          throw RunError(
            .failure,
            "\(error): the state of step \(snapshot.state.step) is lost. The checkpoints before it are "
              + "intact; make room and run the same command again. --rescue DIR names a second place "
              + "for the last checkpoint")
        }
        warn(
          "the last checkpoint, of step \(snapshot.state.step), was not saved; trying again in "
            + "\(Int(pause)) s: \(error)")
        Thread.sleep(forTimeInterval: min(pause, max(patience, 0.1)))
        pause = min(2 * pause, 15)
      }
    }
  }

  /// How long the last save is tried, of the environment's `INPAINT_SAVE_SECONDS`.
  private static var patienceSeconds: Double {
    let text = ProcessInfo.processInfo.environment["INPAINT_SAVE_SECONDS"]
    return text.flatMap { Double($0) }.map { min(max($0, 0), 86_400) } ?? 60
  }

  private func save(
    _ snapshot: CheckpointSnapshot, to rescue: CheckpointStore, because error: any Error
  ) -> SaveReport? {
    do {
      let report = try rescue.save(snapshot)
      warn(
        "\(error): the last checkpoint was saved to \(report.directory) instead; the same command goes "
          + "on from there")
      return report
    } catch {
      warn("\(rescue.root) does not take the last checkpoint either: \(error)")
      return nil
    }
  }
}
