/// What a rank says about itself in its slot of the heartbeat file.
package struct HeartbeatRecord: Equatable, Sendable {
  /// What a rank is doing, as far as the others may rely on it.
  package enum Activity: String, Sendable {
    /// At its own work.
    case working
    /// Inside an operation that waits for other ranks.
    case waiting
    /// Ending the run because of what its watchdog found.
    case ending
    /// Done; it beats no more.
    case finished
  }

  /// Counts the writes; a live process never stops counting.
  package var beat = 0
  /// Counts the changes of step and phase.
  package var progress = 0
  /// The step this rank is in.
  package var step = 0
  /// What it is doing.
  package var activity = Activity.working
  /// Its process.
  package var processIdentifier: Int32 = 0
  /// The name of its machine.
  package var hostName = ""
  /// The part of the step it is in.
  package var phase = "starting"

  /// The size of a slot: one line of text, padded with spaces.
  package static let slotBytes = 256

  /// One line of text; the beat stands at both ends, so that half a line is not taken for a whole.
  package var slot: [UInt8] {
    let line =
      "\(beat) \(progress) \(step) \(activity.rawValue) \(processIdentifier) "
      + "\(Self.word(hostName)) \(Self.word(phase)) \(beat)"
    let padding = Self.slotBytes - 1 - line.utf8.count
    return Array(line.utf8) + [UInt8](repeating: 32, count: padding) + [10]
  }

  /// A rank that has just started.
  package init() {}

  /// Reads a slot; nil where it is empty or half written.
  package init?(slot: ArraySlice<UInt8>) {
    let words = slot.split { $0 == 32 || $0 == 10 || $0 == 0 }.map {
      String(decoding: $0, as: UTF8.self)
    }
    guard words.count == 8, words[0] == words[7], let beat = Int(words[0]),
      let progress = Int(words[1]), let step = Int(words[2]),
      let activity = Activity(rawValue: words[3]), let processIdentifier = Int32(words[4])
    else { return nil }
    self.beat = beat
    self.progress = progress
    self.step = step
    self.activity = activity
    self.processIdentifier = processIdentifier
    hostName = words[5]
    phase = words[6]
  }

  /// A short word without white space.
  private static func word(_ text: String) -> String {
    let word = String(text.utf8.prefix(60).map { $0 > 32 && $0 < 127 ? Character(.init($0)) : "-" })
    return word.isEmpty ? "-" : word
  }
}
