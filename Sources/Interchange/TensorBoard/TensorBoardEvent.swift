/// One entry of a TensorBoard event file.
///
/// - Reference: field numbers of event.proto and summary.proto in TensorBoard.
package struct TensorBoardEvent: Sendable {
  /// What an entry tells.
  package enum Content: Sendable {
    /// The first entry of every file.
    case fileVersion
    /// The run begins, or goes on, with this step: what earlier files tell of it and of later steps
    /// does not count any more.
    case sessionStart
    /// Numbers by their tags.
    case scalars([(tag: String, value: Double)])
    /// A PNG or JPEG file and its size in pixels.
    case image(tag: String, encoded: [UInt8], width: Int, height: Int)
  }

  /// Seconds since 1970.
  package let seconds: Double
  /// The step that it tells of.
  package let step: Int
  /// What it tells.
  package let content: Content

  /// Makes an entry.
  package init(seconds: Double, step: Int, _ content: Content) {
    (self.seconds, self.step, self.content) = (seconds, step, content)
  }

  /// The entry as a record of an event file: length, checksum, message, checksum.
  ///
  /// - Reference: "TFRecord" in TensorFlow's guide to data.
  package var record: [UInt8] {
    let message = message.bytes
    let length = withUnsafeBytes(of: UInt64(message.count).littleEndian) { Array($0) }
    func checksum(_ bytes: [UInt8]) -> [UInt8] {
      withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian) { Array($0) }
    }
    return length + checksum(length) + message + checksum(message)
  }

  private var message: ProtobufMessage {
    var event = ProtobufMessage()
    event.add(1, seconds)
    event.add(2, step)
    switch content {
    case .fileVersion:
      event.add(3, "brain.Event:2")
    case .sessionStart:
      var session = ProtobufMessage()
      session.add(1, 1)
      event.add(7, session)
    case .scalars(let scalars):
      var summary = ProtobufMessage()
      for scalar in scalars {
        var value = ProtobufMessage()
        value.add(1, scalar.tag)
        value.add(2, Float(scalar.value))
        summary.add(1, value)
      }
      event.add(5, summary)
    case .image(let tag, let encoded, let width, let height):
      var image = ProtobufMessage()
      image.add(1, height)
      image.add(2, width)
      image.add(3, 3)
      image.add(4, encoded)
      var value = ProtobufMessage()
      value.add(1, tag)
      value.add(4, image)
      var summary = ProtobufMessage()
      summary.add(1, value)
      event.add(5, summary)
    }
    return event
  }
}
