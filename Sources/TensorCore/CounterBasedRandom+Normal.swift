import Glibc

extension CounterBasedRandom {
  /// Numbers from the normal distribution of mean 0 and deviation 1.
  ///
  /// - Reference: Box and Muller 1958: two normal numbers from two uniform ones.
  package mutating func normals(_ count: Int) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count + 1)
    while numbers.count < count {
      let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
      let angle = 2 * Double.pi * Double(uniform())
      numbers.append(Float(radius * cos(angle)))
      numbers.append(Float(radius * sin(angle)))
    }
    return Array(numbers.prefix(count))
  }
}
