/// The fast marching method: the time at which a front, moving at unit speed, reaches each pixel.
///
/// Pixels stand in a grid with one more row and column at each border, which the front never enters.
///
/// - Reference: Sethian 1996, "A fast marching level set method for monotonically advancing fronts".
struct FastMarching {
  /// What is known of a pixel.
  enum State: UInt8 {
    /// Its time is final, or it is out of the front's reach.
    case known
    /// It is part of the front.
    case band
    /// The front has not reached it.
    case unknown
  }

  /// The time of pixels that no front reaches.
  static let never: Float = 1e6

  /// Positions from one row to the next.
  let rowLength: Int
  private(set) var states: [State]
  private(set) var times: [Float]
  private var front = Front()

  /// Starts with a front at time 0.
  ///
  /// - Parameters:
  ///   - states: `(width + 2) * (height + 2)` states; those of the border are `known`.
  ///   - rowLength: `width + 2`.
  init(states: [State], rowLength: Int) {
    (self.states, self.rowLength) = (states, rowLength)
    times = states.map { $0 == .band ? 0 : Self.never }
    for position in states.indices where states[position] == .band {
      front.insert(position, at: 0)
    }
  }

  /// Moves the front over all unknown pixels.
  ///
  /// - Parameter visit: Called for each as it is reached, with its position and the state so far.
  mutating func march(visit: (Int, borrowing FastMarching) -> Void) {
    while let position = front.removeEarliest() {
      states[position] = .known
      for neighbour in [
        position - rowLength, position - 1, position + rowLength, position + 1,
      ] where states[neighbour] == .unknown {
        times[neighbour] = arrival(at: neighbour)
        visit(neighbour, self)
        states[neighbour] = .band
        front.insert(neighbour, at: times[neighbour])
      }
    }
  }

  /// Times of pixels that another front has reached.
  mutating func adopt(_ time: Float, at position: Int) { times[position] = time }

  /// The solution of |grad T| = 1 from the earliest pair of neighbours in a row and in a column.
  private func arrival(at position: Int) -> Float {
    var earliest = Float.infinity
    for vertical in [position - rowLength, position + rowLength] {
      for horizontal in [position - 1, position + 1] {
        earliest = min(earliest, solution(vertical, horizontal))
      }
    }
    return earliest
  }

  private func solution(_ a: Int, _ b: Int) -> Float {
    let (timeA, timeB) = (times[a], times[b])
    switch (states[a] != .unknown, states[b] != .unknown) {
    case (true, true):
      let difference = timeA - timeB
      return abs(difference) >= 1
        ? 1 + min(timeA, timeB)
        : (timeA + timeB + (2 - difference * difference).squareRoot()) / 2
    case (true, false): return 1 + timeA
    case (false, true): return 1 + timeB
    case (false, false): return 1 + min(timeA, timeB)
    }
  }
}

/// Positions by time; those of one time leave in the order in which they came.
private struct Front {
  private var heap: [(time: Float, order: Int, position: Int)] = []
  private var count = 0

  mutating func insert(_ position: Int, at time: Float) {
    heap.append((time, count, position))
    count += 1
    var child = heap.count - 1
    while child > 0, isEarlier(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeEarliest() -> Int? {
    guard let earliest = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return earliest.position }
    heap[0] = last
    var parent = 0
    while true {
      var first = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && isEarlier(child, first) {
        first = child
      }
      if first == parent { return earliest.position }
      heap.swapAt(parent, first)
      parent = first
    }
  }

  private func isEarlier(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
  }
}
