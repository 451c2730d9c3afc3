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

/// The sum of a power-of-two number of replicas in the order of the canonical tree.
func canonicalSum(_ rows: [[Float]]) -> [Float] {
  guard rows.count > 1 else { return rows[0] }
  let half = rows.count / 2
  return zip(canonicalSum(Array(rows[..<half])), canonicalSum(Array(rows[half...]))).map { $0 + $1 }
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

func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
