/// When the state is saved and which saved states stay.
package struct CheckpointConfiguration: Codable, Equatable, Sendable {
  /// Steps between two checkpoints; the last step always leaves one.
  package var every = 1000

  /// How many of the newest checkpoints stay.
  package var keepLast = 3

  /// Checkpoints of every multiple of this many steps stay for good; 0 is none.
  package var keepEvery = 0

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case every
    case keepLast = "keep_last"
    case keepEvery = "keep_every"
  }
}
