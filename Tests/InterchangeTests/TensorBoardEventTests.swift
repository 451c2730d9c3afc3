import Interchange
import TestSupport
import Testing

/// The bytes of TensorBoard's event files.
@Suite struct TensorBoardEventTests {
  /// RFC 3720, appendix B.4, and the usual check value.
  @Test func checksumsOfTheStandard() {
    #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
    #expect(CRC32C.checksum(Array(repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum(Array(repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// A record of one scalar as TensorFlow's own writer makes it.
  @Test func aRecordEqualsTensorFlows() {
    let event = TensorBoardEvent(
      seconds: 1.5, step: 300, .scalars([(tag: "loss/pixel", value: 0.25)]))
    #expect(event.record.map { hexadecimal($0) }.joined() == Self.recordOfTensorFlow)
  }

  private static let recordOfTensorFlow =
    "2100000000000000017becf609000000000000f83f10ac022a130a110a0a6c6f"
    + "73732f706978656c150000803e59e5d582"

  @Test func recordsAreFramedAndReadBack() throws {
    let png: [UInt8] = [1, 2, 3, 250]
    let events = [
      TensorBoardEvent(seconds: 10, step: 0, .fileVersion),
      TensorBoardEvent(seconds: 11, step: 7, .sessionStart),
      TensorBoardEvent(seconds: 12, step: 7, .scalars([("a", 1), ("b", -0.5)])),
      TensorBoardEvent(
        seconds: 13, step: 8, .image(tag: "samples", encoded: png, width: 5, height: 4)),
    ]
    let file = events.flatMap(\.record)
    let messages = try #require(Self.messages(file))
    try #require(messages.count == 4)
    #expect(messages.map { $0.doubles(1) } == [[10], [11], [12], [13]])
    #expect(messages.map { $0.integers(2) } == [[0], [7], [7], [8]])
    #expect(messages[0].texts(3) == ["brain.Event:2"])
    #expect(messages[1].messages(7).map { $0.integers(1) } == [[1]])
    let values = messages[2].messages(5).flatMap { $0.messages(1) }
    #expect(values.flatMap { $0.texts(1) } == ["a", "b"])
    #expect(values.flatMap { $0.floats(2) } == [1, -0.5])
    let image = try #require(messages[3].messages(5).first?.messages(1).first?.messages(4).first)
    #expect(image.integers(1) + image.integers(2) + image.integers(3) == [4, 5, 3])
    #expect(image.bytes(4) == [png])
  }

  /// Any changed bit is found by one of the two checksums.
  @Test func everyChangedBitIsFound() throws {
    let record = TensorBoardEvent(seconds: 1, step: 2, .scalars([("a", 3)])).record
    #expect(Self.messages(record) != nil)
    for bit in 0..<record.count * 8 {
      var damaged = record
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(Self.messages(damaged) == nil, "bit \(bit)")
    }
  }

  /// The messages of a file; nil where a record is damaged.
  private static func messages(_ file: [UInt8]) -> [ProtobufFields]? {
    func number(_ bytes: ArraySlice<UInt8>) -> Int {
      bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    var rest = file[...]
    var messages: [ProtobufFields] = []
    while !rest.isEmpty {
      guard rest.count >= 16 else { return nil }
      let length = rest.prefix(8)
      guard CRC32C.masked(length) == UInt32(number(rest.dropFirst(8).prefix(4))) else { return nil }
      let count = number(length)
      let message = rest.dropFirst(12).prefix(count)
      let checksum = rest.dropFirst(12 + count).prefix(4)
      guard CRC32C.masked(message) == UInt32(number(checksum)),
        let fields = ProtobufFields(Array(message))
      else { return nil }
      messages.append(fields)
      rest = rest.dropFirst(16 + count)
    }
    return messages
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0\(digits)" : digits
  }
}
