import TensorCore

/// The order of the samples in one epoch: a keyed pseudo-random permutation of 0..<count.
///
/// Every place is computed by itself, in constant time and without a table, so that a run can start
/// anywhere in an epoch and every rank can work out its own share.
///
/// It is a Feistel network over the smallest power of two that holds `count` (at least 256), with
/// round keys drawn by `CounterBasedRandom` from (seed, epoch). Numbers that fall outside the range
/// go through the network again (cycle walking): fewer than two passes on average for counts above
/// 128.
///
/// - Reference: Black and Rogaway 2002, "Ciphers with arbitrary finite domains".
package struct EpochPermutation: Sendable {
  /// Number of samples.
  package let count: Int

  private let lowBits: UInt64
  private let lowMask: UInt64
  private let highMask: UInt64
  private let keys: SIMD8<UInt64>

  /// Makes the permutation of one epoch.
  ///
  /// - Parameters:
  ///   - count: Number of samples.
  ///   - seed: The run's seed.
  ///   - epoch: Epoch, from 0.
  /// - Precondition: `count` is in `1...2^48`.
  package init(count: Int, seed: UInt64, epoch: Int) {
    precondition((1...(1 << 48)).contains(count), "a permutation of \(count) samples")
    self.count = count
    let bits = max(8, Int.bitWidth - (count - 1).leadingZeroBitCount)
    lowBits = UInt64(bits / 2)
    lowMask = (1 << lowBits) - 1
    highMask = (1 << UInt64(bits - bits / 2)) - 1
    var random = CounterBasedRandom(seed: seed, purpose: .shuffle, epoch: epoch)
    var keys = SIMD8<UInt64>()
    for round in keys.indices { keys[round] = random.next() }
    self.keys = keys
  }

  /// The sample at a place in the epoch.
  ///
  /// - Precondition: `position` is in `0..<count`.
  package subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "place \(position) of \(count)")
    guard count > 1 else { return 0 }
    var value = UInt64(position)
    repeat { value = scrambled(value) } while value >= UInt64(count)
    return Int(value)
  }

  /// One pass through the network: each round adds a function of one half to the other half.
  private func scrambled(_ value: UInt64) -> UInt64 {
    var (low, high) = (value & lowMask, value >> lowBits)
    var round = 0
    while round < 8 {
      high ^= mixed(low, keys[round]) & highMask
      low ^= mixed(high, keys[round + 1]) & lowMask
      round += 2
    }
    return high << lowBits | low
  }

  /// The upper bits of a product depend on all bits below them, the lower ones do not.
  private func mixed(_ half: UInt64, _ key: UInt64) -> UInt64 {
    let product = (half ^ key) &* 0x9E37_79B9_7F4A_7C15
    return ((product ^ product >> 32) &* 0xD6E8_FEB8_6659_FD93) >> 32
  }
}
