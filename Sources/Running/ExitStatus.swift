/// How a command ends; the numbers follow sysexits.h.
package enum ExitStatus: Int32, Sendable {
  /// All is done.
  case done = 0
  /// The command line or the configuration cannot be used.
  case usage = 64
  /// A file cannot be used.
  case badData = 65
  /// Something inside the program or the machine failed.
  case failure = 70
  /// Stopped by a signal after saving; run again to go on.
  case stopped = 75
}
