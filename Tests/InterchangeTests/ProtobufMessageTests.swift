import Interchange
import TestSupport
import Testing

/// What is written is what a reader finds.
@Suite struct ProtobufMessageTests {
  /// The examples of the format's description.
  @Test func publishedExamples() {
    var message = ProtobufMessage()
    message.add(1, 150)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    message = ProtobufMessage()
    message.add(2, "testing")
    #expect(message.bytes == [0x12, 0x07] + Array("testing".utf8))
    var outer = ProtobufMessage()
    var inner = ProtobufMessage()
    inner.add(1, 150)
    outer.add(3, inner)
    #expect(outer.bytes == [0x1a, 0x03, 0x08, 0x96, 0x01])
    message = ProtobufMessage()
    message.add(1, -2)
    #expect(message.bytes == [0x08, 0xfe] + Array(repeating: 0xff, count: 8) + [0x01])
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func everyFieldIsFoundAgain(seed: UInt64) throws {
    var random = RandomNumbers(state: seed)
    var message = ProtobufMessage()
    var (integers, floats, doubles, texts) = ([Int](), [Float](), [Double](), [String]())
    for _ in 0..<30 {
      let shift = UInt64.random(in: 0..<64, using: &random)
      integers.append(Int(truncatingIfNeeded: random.next() >> shift))
      floats.append(Float.random(in: -1e6...1e6, using: &random))
      doubles.append(Double.random(in: -1e6...1e6, using: &random))
      let length = Int.random(in: 0...300, using: &random)
      texts.append(String(repeating: "é", count: length))
      message.add(1, integers[integers.count - 1])
      message.add(15, floats[floats.count - 1])
      message.add(16, doubles[doubles.count - 1])
      message.add(2047, texts[texts.count - 1])
    }
    let fields = try #require(ProtobufFields(message.bytes))
    #expect(fields.integers(1) == integers)
    #expect(fields.floats(15) == floats)
    #expect(fields.doubles(16) == doubles)
    #expect(fields.texts(2047) == texts)
    #expect(fields.fields.count == 120)
    #expect(ProtobufFields(message.bytes.dropLast()) == nil, "a message that ends early")
  }
}

extension ProtobufFields {
  init?(_ bytes: some Sequence<UInt8>) { self.init(Array(bytes)) }
}

/// SplitMix64.
struct RandomNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
