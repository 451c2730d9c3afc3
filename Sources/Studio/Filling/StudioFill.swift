import Filling
import Images

/// A hole that shall be filled: what was asked for, and how far it is.
struct StudioFill: Sendable {
  /// How far it is.
  enum State: String, Sendable {
    case queued, running, done, failed, cancelled
  }

  /// One of the fillings that a network with noise makes of a hole, as `inpaint fill --variants` numbers them.
  struct Variant: Sendable, Equatable {
    let number: Int
    let seed: UInt64
  }

  /// Names it in addresses; nobody guesses it.
  let id: String
  /// Who asked, and gets the events.
  let session: String
  let picture: StudioPicture
  /// The result to go on from; nil for the photograph itself.
  let from: String?
  let network: StudioNetwork
  let region: FillRequest.Region
  /// Which of a seed's fillings; nil for the network's mean filling.
  let variant: Variant?
  /// The mask's file.
  let maskPath: String

  var state = State.queued
  /// Parts of the picture that are done, and all of them; 0 before it is known.
  var regionsDone = 0, regions = 0
  /// Seconds from the start to the end, and those of them that the network took.
  var seconds: Double?, networkSeconds: Double?
  var note = ""
  /// The hole's bounding box.
  var box: Rectangle?
  /// What went wrong.
  var error: String?

  /// Whether nothing will change any more.
  var isOver: Bool { state != .queued && state != .running }

  /// What programs are told of it.
  struct Description: Encodable {
    struct Box: Encodable {
      let left, top, width, height: Int
    }

    let id, picture, network, networkName, state: String
    let from: String?
    let variant: Int?
    let seed: UInt64?
    /// Fills that come before it.
    let position: Int?
    let regions, regionsDone: Int
    let seconds, networkSeconds: Double?
    let note: String?
    let box: Box?
    let error: String?
  }

  func description(position: Int?) -> Description {
    Description(
      id: id, picture: picture.id, network: network.id, networkName: network.name,
      state: state.rawValue, from: from, variant: variant?.number, seed: variant?.seed,
      position: position, regions: regions,
      regionsDone: regionsDone, seconds: seconds, networkSeconds: networkSeconds,
      note: note.isEmpty ? nil : note,
      box: box.map {
        .init(left: $0.left, top: $0.top, width: $0.width, height: $0.height)
      }, error: error)
  }
}
