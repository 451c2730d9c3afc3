import Communication
import TensorCore

/// The values of one replica: mixed exponents, so that the order of a sum shows in its bits.
func replicaValues(_ replica: Int, count: Int, seed: UInt64) -> [Float] {
  var random = CounterBasedRandom(seed: seed, purpose: .test, sample: replica)
  return (0..<count).map { _ in
    let bits = random.nextWord()
    let exponent = 115 + (bits >> 23 & 0xFF) % 25
    return Float(bitPattern: bits & 0x807F_FFFF | exponent << 23)
  }
}

/// The sum of a power-of-two number of replicas in the order of the canonical tree, rounded at each node.
func canonicalSum(_ rows: [[Float]], _ wireFormat: WireFormat = .float32) -> [Float] {
  let half = rows.count / 2
  let sum =
    half == 0
    ? rows[0]
    : zip(
      canonicalSum(Array(rows[..<half]), wireFormat), canonicalSum(Array(rows[half...]), wireFormat)
    ).map { $0 + $1 }
  switch wireFormat {
  case .float32: return sum
  case .bfloat16: return sum.map(bfloat16Rounded)
  case .int8: return int8Rounded(sum)
  }
}

/// The sum in replica order.
func sequentialSum(_ rows: [[Float]]) -> [Float] {
  rows.dropFirst().reduce(rows[0]) { zip($0, $1).map { $0 + $1 } }
}

/// The nearest bfloat16 number, ties to even, by way of arithmetic instead of bits.
func bfloat16Rounded(_ value: Float) -> Float {
  guard value.isFinite, value != 0 else { return value }
  let unit = Float(sign: .plus, exponent: value.exponent - 7, significand: 1)
  return (value / unit).rounded(.toNearestOrEven) * unit
}

/// Integers from -127 to 127 times a power of two for each 16 values, by way of arithmetic.
func int8Rounded(_ values: [Float]) -> [Float] {
  stride(from: 0, to: values.count, by: 16).flatMap { start -> [Float] in
    let block = values[start..<min(start + 16, values.count)]
    guard block.allSatisfy(\.isFinite) else { return block.map { _ in .nan } }
    let largest = block.map(\.magnitude).max() ?? 0
    var unit: Float = 0x1p-126
    while largest / unit > 127 { unit *= 2 }
    guard unit < 0x1p122 else { return block.map { _ in .nan } }
    // A number that all of the block decides tells which of them go up.
    let seed = block.enumerated().reduce(UInt32(0)) { seed, element in
      guard element.1 != 0 else { return seed }
      var mixed = element.1.bitPattern &* (2 &* UInt32(element.0) &+ 0x9E37_79B1)
      mixed = (mixed ^ mixed >> 15) &* 0x85EB_CA6B
      return seed &+ (mixed ^ mixed >> 13)
    }
    return block.enumerated().map { place, value in
      var mixed = (seed &+ 0x9E37_79B9 &* UInt32(place)) &* 0x85EB_CA6B
      mixed = (mixed ^ mixed >> 15) &* 0xC2B2_AE35
      let chance = Float(mixed >> 16) / 65536
      let quotient = (value / unit * 65536).rounded(.towardZero) / 65536
      return (quotient + chance).rounded(.down) * unit
    }
  }
}

func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
