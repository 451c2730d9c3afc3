/// What a random number is used for: one number per purpose, so that no two purposes share numbers.
///
/// The raw values are part of every run's arithmetic and never change.
package enum RandomPurpose: UInt32, Sendable {
  case shuffle = 1
  case mask = 2
  case crop = 3
  case flip = 4
  case colorJitter = 5
  case weight = 6
  case syntheticFace = 7
  case gradientPenalty = 8
  case discriminatorAugmentation = 9
  case singularVector = 10
  case latent = 11
  case sample = 12
  case patchPlace = 13
  case projection = 14
  case noise = 15
  case patchMatch = 20
  case test = 99
}

/// Random numbers that are a pure function of (seed, purpose, epoch or step, sample).
///
/// Nothing depends on threads, ranks or on what was drawn before: two generators made with the same
/// arguments give the same numbers. The numbers are Philox4x32-10 with the seed as key and
/// (draw, purpose, epoch, sample) as counter.
///
/// - Reference: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
package struct CounterBasedRandom: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private let counter: SIMD3<UInt32>
  private var draw: UInt32 = 0
  private var words = SIMD4<UInt32>()
  private var unusedWords = 0

  /// Starts the stream of one purpose, epoch (or step) and sample.
  package init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, sample: Int = 0) {
    key = SIMD2(truncatingIfNeeded: SIMD2(seed, seed >> 32))
    counter = SIMD3(
      purpose.rawValue, UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: sample))
  }

  /// The next 32 random bits.
  package mutating func nextWord() -> UInt32 {
    if unusedWords == 0 {
      words = philox4x32(
        counter: SIMD4(draw, counter.x, counter.y, counter.z), key: key)
      draw &+= 1
      unusedWords = 4
    }
    unusedWords -= 1
    return words[3 - unusedWords]
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    let low = nextWord()
    return UInt64(nextWord()) << 32 | UInt64(low)
  }

  /// A number from the uniform distribution on [0, 1), with 24 random bits.
  package mutating func uniform() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  /// A number from the uniform distribution on [lower, upper).
  package mutating func uniform(_ lower: Float, _ upper: Float) -> Float {
    let number = lower + (upper - lower) * uniform()
    // The sum may have been rounded up to the bound.
    return number < upper ? number : max(lower, upper.nextDown)
  }

  /// An integer from a closed range, every value equally likely.
  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }
}

/// Ten rounds of Philox4x32: 128 random bits for each (counter, key).
///
/// - Reference: Salmon et al. 2011, section 4.3; constants of the Random123 library.
package func philox4x32(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
  var (x, k) = (counter, key)
  for round in 0..<10 {
    if round > 0 { k &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
    let product0 = UInt64(x[0]) * 0xD251_1F53
    let product1 = UInt64(x[2]) * 0xCD9E_8D57
    x = SIMD4(
      UInt32(truncatingIfNeeded: product1 >> 32) ^ x[1] ^ k[0],
      UInt32(truncatingIfNeeded: product1),
      UInt32(truncatingIfNeeded: product0 >> 32) ^ x[3] ^ k[1],
      UInt32(truncatingIfNeeded: product0))
  }
  return x
}
