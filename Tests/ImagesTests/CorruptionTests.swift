import Images
import TensorCore
import Testing

/// Whatever the bytes are, reading them gives a picture or an error.
@Suite struct CorruptionTests {
  private static let samples = [
    "formats/color2-8.png", "formats/color0-1-interlaced.png", "formats/palette-4-alpha.png",
    "formats/color4-16.png", "formats/gamma.png", "formats/jpeg-420.jpg",
    "formats/jpeg-progressive.jpg", "formats/jpeg-grey.jpg", "formats/jpeg-cmyk.jpg",
    "formats/orientation-6.jpg",
  ]

  @Test(arguments: samples)
  func everyPrefixIsEqualOrRefused(name: String) throws {
    let bytes = try fixtureBytes(name)
    let whole = try Image(decoding: bytes, name: name)
    var refused = 0
    for count in bytes.indices {
      do throws(ImageError) {
        let image = try Image(decoding: Array(bytes.prefix(count)), name: name)
        #expect(image == whole)
      } catch {
        refused += 1
      }
    }
    // Only the end marker of a JPEG may be missed.
    #expect(refused >= bytes.count - 2)
  }

  @Test(arguments: samples)
  func mutationsNeverCrash(name: String) throws {
    let original = try fixtureBytes(name)
    var (accepted, refused) = (0, 0)
    for number in 0..<2000 {
      var random = testRandom(11, case: number)
      let bytes = mutated(original, using: &random)
      do throws(ImageError) {
        let image = try Image(decoding: bytes, name: name, pixelLimit: 1 << 16)
        #expect(image.pixels.count == image.width * image.height * 3)
        accepted += 1
      } catch {
        refused += 1
      }
    }
    #expect(refused > 0 && accepted + refused == 2000)
  }

  /// Changes a few bytes, or removes, repeats or inserts some.
  private func mutated(_ original: [UInt8], using random: inout CounterBasedRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<random.integer(in: 1...4) where !bytes.isEmpty {
      let position = random.integer(in: 0...bytes.count - 1)
      let end = min(position + random.integer(in: 1...8), bytes.count)
      switch random.integer(in: 0...4) {
      case 0: bytes[position] ^= 1 << UInt8(random.integer(in: 0...7))
      case 1: bytes[position] = UInt8(random.integer(in: 0...255))
      case 2: bytes.removeSubrange(position..<end)
      case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
      default:
        for index in position..<end { bytes[index] = [0, 0xFF, 0x7F, 0x80][index % 4] }
      }
    }
    return bytes
  }
}
