import Glibc

/// For every patch that touches the hole, the most similar patch found so far without a missing pixel.
struct PatchField {
  private let width: Int
  private let height: Int
  private let radius: Int
  /// Middles of the patches that touch the hole, in reading order.
  private let targets: [Int]
  /// Whether a pixel is the middle of a patch without a missing pixel.
  private let isSource: [Bool]
  /// The number of each target among the targets; -1 for other pixels.
  private let numbers: [Int]
  /// The middle of the most similar patch of each target.
  private var sources: [Int]
  /// Sums of squared differences, for each target.
  private var costs: [Float]
  /// How much a patch counts by its depth in the hole: 1.3 to the power of minus the depth.
  private let trust: [Float]

  private init<Random: RandomNumberGenerator>(
    _ scale: Scale, radius: Int, using random: inout Random,
    guess: (_ target: Int) -> Int?
  ) {
    (width, height, self.radius) = (scale.width, scale.height, radius)
    let (isSource, isTarget) = scale.patches(radius: radius)
    self.isSource = isSource
    targets = isTarget.indices.filter { isTarget[$0] }
    var numbers = [Int](repeating: -1, count: isTarget.count)
    for (number, target) in targets.enumerated() { numbers[target] = number }
    self.numbers = numbers
    let all = isSource.indices.filter { isSource[$0] }
    sources = targets.map { target in
      let guessed = guess(target)
      if let guessed, isSource[guessed] { return guessed }
      return all[Int(random.next(upperBound: UInt64(all.count)))]
    }
    costs = [Float](repeating: 0, count: targets.count)
    let depths = scale.depths()
    trust = targets.map { pow(1.3, -Float(depths[$0])) }
  }

  /// A random patch for every target.
  init(
    randomFor scale: Scale, radius: Int, using random: inout some RandomNumberGenerator
  ) {
    self.init(scale, radius: radius, using: &random) { _ in nil }
  }

  /// The matches of half the resolution, brought to a scale.
  init(
    refining coarse: PatchField, for scale: Scale, radius: Int,
    using random: inout some RandomNumberGenerator
  ) {
    let width = scale.width
    self.init(scale, radius: radius, using: &random) { target in
      let (row, column) = (target / width, target % width)
      let parent = (
        min(max(row / 2, coarse.radius), coarse.height - 1 - coarse.radius),
        min(max(column / 2, coarse.radius), coarse.width - 1 - coarse.radius)
      )
      let number = coarse.numbers[parent.0 * coarse.width + parent.1]
      guard number >= 0 else { return nil }
      let source = coarse.sources[number]
      let sourceRow = 2 * (source / coarse.width) + row - 2 * parent.0
      let sourceColumn = 2 * (source % coarse.width) + column - 2 * parent.1
      guard (0..<scale.height).contains(sourceRow), (0..<width).contains(sourceColumn) else {
        return nil
      }
      return sourceRow * width + sourceColumn
    }
    measure(scale)
  }

  /// Looks for better matches: those of neighbours, shifted, and random ones ever nearer to the best.
  mutating func improve(
    for scale: Scale, passes: Int, using random: inout some RandomNumberGenerator
  ) {
    measure(scale)
    for pass in 0..<passes {
      let isForward = pass.isMultiple(of: 2)
      let step = isForward ? 1 : -1
      for index in targets.indices {
        let number = isForward ? index : targets.count - 1 - index
        let target = targets[number]
        for offset in [step, step * width] {
          let neighbour = numbers[target - offset]
          if neighbour >= 0 { consider(sources[neighbour] + offset, for: number, scale) }
        }
        search(number, scale, using: &random)
      }
    }
  }

  /// Sets every missing pixel to the weighted mean of what the patches over it propose.
  func vote(on scale: inout Scale) {
    // Wexler's similarity: the spread is that of the costs themselves.
    let sorted = costs.sorted()
    let spread = max(sorted.isEmpty ? 1 : sorted[sorted.count * 3 / 4], 1)
    var sums = [Float](repeating: 0, count: width * height * 3)
    var weights = [Float](repeating: 0, count: width * height)
    for (number, target) in targets.enumerated() {
      let weight = trust[number] * exp(-costs[number] / (2 * spread))
      let shift = sources[number] - target
      for row in -radius...radius {
        for column in -radius...radius {
          let pixel = target + row * width + column
          guard scale.isMissing[pixel] else { continue }
          weights[pixel] += weight
          for channel in 0..<3 {
            sums[pixel * 3 + channel] += weight * scale.colors[(pixel + shift) * 3 + channel]
          }
        }
      }
    }
    for pixel in weights.indices where weights[pixel] > 0 {
      for channel in 0..<3 {
        scale.colors[pixel * 3 + channel] = sums[pixel * 3 + channel] / weights[pixel]
      }
    }
  }

  private mutating func search(
    _ number: Int, _ scale: Scale, using random: inout some RandomNumberGenerator
  ) {
    var reach = max(width, height)
    while reach >= 1 {
      let (row, column) = (sources[number] / width, sources[number] % width)
      let rows = max(row - reach, radius)...min(row + reach, height - 1 - radius)
      let columns = max(column - reach, radius)...min(column + reach, width - 1 - radius)
      let candidateRow =
        rows.lowerBound + Int(random.next(upperBound: UInt32(rows.count)))
      let candidateColumn =
        columns.lowerBound + Int(random.next(upperBound: UInt32(columns.count)))
      consider(candidateRow * width + candidateColumn, for: number, scale)
      reach /= 2
    }
  }

  /// Takes a candidate that is more similar than the best so far.
  private mutating func consider(_ candidate: Int, for number: Int, _ scale: Scale) {
    guard isSource.indices.contains(candidate), isSource[candidate], candidate != sources[number]
    else { return }
    let cost = difference(targets[number], candidate, scale, bound: costs[number])
    if cost < costs[number] { (costs[number], sources[number]) = (cost, candidate) }
  }

  private mutating func measure(_ scale: Scale) {
    for number in targets.indices {
      costs[number] = difference(targets[number], sources[number], scale, bound: .infinity)
    }
  }

  /// The sum of squared differences of two patches, or at least the bound if it is not below it.
  private func difference(_ a: Int, _ b: Int, _ scale: Scale, bound: Float) -> Float {
    let count = 3 * (2 * radius + 1)
    return scale.colors.withUnsafeBufferPointer { colors in
      var sum: Float = 0
      for row in -radius...radius {
        let firstA = (a + row * width - radius) * 3
        let firstB = (b + row * width - radius) * 3
        for position in 0..<count {
          let difference = colors[firstA + position] - colors[firstB + position]
          sum += difference * difference
        }
        if sum >= bound { return sum }
      }
      return sum
    }
  }
}
