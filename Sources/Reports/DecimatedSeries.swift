/// What was measured step after step, in a bounded number of bins.
///
/// Each bin holds the same number of records. When all bins are used, neighbours are merged in pairs,
/// so that a record costs the same however long the run is.
package struct DecimatedSeries: Sendable {
  /// Some records one after another.
  package struct Bin: Sendable {
    /// The step of the last record.
    package internal(set) var step: Int
    /// What was measured, a quantity each.
    package internal(set) var quantities: [Summary]
  }

  /// The values of a quantity in some records; numbers that are not finite are left out.
  package struct Summary: Sendable {
    /// How many values.
    package private(set) var count = 0
    /// Their sum.
    package private(set) var sum = 0.0
    /// The smallest.
    package private(set) var minimum = Double.infinity
    /// The largest.
    package private(set) var maximum = -Double.infinity

    init(_ value: Double) {
      guard value.isFinite else { return }
      (count, sum, minimum, maximum) = (1, value, value, value)
    }

    mutating func merge(_ other: Summary) {
      count += other.count
      sum += other.sum
      minimum = min(minimum, other.minimum)
      maximum = max(maximum, other.maximum)
    }

    /// The mean; NaN where there is no value.
    package var mean: Double { sum / Double(count) }
  }

  /// The names of the quantities.
  package private(set) var names: [String]
  /// The bins, oldest first; the last one may have fewer records than the others.
  package private(set) var bins: [Bin] = []
  private let capacity: Int
  private var recordsPerBin = 1
  private var recordsInLastBin = 0

  /// Starts without records.
  ///
  /// - Precondition: `capacity`, the most bins, is even.
  package init(names: [String], capacity: Int) {
    precondition(capacity > 0 && capacity.isMultiple(of: 2), "\(capacity) bins")
    (self.names, self.capacity) = (names, capacity)
  }

  /// Adds a record of some of the quantities: those that it does not have count for nothing, those that are
  /// new have had no values before.
  ///
  /// - Precondition: Steps come in order.
  package mutating func add(step: Int, named values: [(name: String, value: Double)]) {
    var row = [Double](repeating: .nan, count: names.count)
    for (name, value) in values {
      if let index = names.firstIndex(of: name) {
        row[index] = value
        continue
      }
      names.append(name)
      row.append(value)
      for bin in bins.indices { bins[bin].quantities.append(Summary(.nan)) }
    }
    add(step: step, row)
  }

  /// Adds a record.
  ///
  /// - Precondition: A value for each quantity; steps come in order.
  package mutating func add(step: Int, _ values: [Double]) {
    precondition(values.count == names.count, "\(values.count) values of \(names.count) quantities")
    if recordsInLastBin < recordsPerBin, let last = bins.indices.last {
      bins[last].step = step
      for index in values.indices { bins[last].quantities[index].merge(Summary(values[index])) }
      recordsInLastBin += 1
      return
    }
    if bins.count == capacity { mergePairs() }
    bins.append(Bin(step: step, quantities: values.map { Summary($0) }))
    recordsInLastBin = 1
  }

  private mutating func mergePairs() {
    bins = stride(from: 0, to: bins.count, by: 2).map { index in
      var merged = bins[index + 1]
      for quantity in merged.quantities.indices {
        merged.quantities[quantity].merge(bins[index].quantities[quantity])
      }
      return merged
    }
    recordsPerBin *= 2
  }
}
