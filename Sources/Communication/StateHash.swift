import Checksums

/// A hash of the bits of all tensors that the ranks must have in common.
package struct StateHash: Equatable, Sendable {
  /// The hash of one tensor.
  package struct Tensor: Equatable, Sendable {
    /// The tensor's name.
    package let name: String
    /// The hash of its elements.
    package let hash: UInt64
  }

  /// The tensors, in the order in which they were added.
  package private(set) var tensors: [Tensor] = []

  /// Starts with no tensors.
  package init() {}

  /// Adds the elements of a tensor.
  package mutating func add(_ name: String, _ elements: UnsafeBufferPointer<Float>) {
    add(name, bytes: UnsafeRawBufferPointer(elements))
  }

  /// Adds the bytes of a tensor or counter.
  package mutating func add(_ name: String, bytes: UnsafeRawBufferPointer) {
    tensors.append(Tensor(name: name, hash: xxHash64(bytes)))
  }

  /// One hash over the names and hashes of all tensors, in order.
  package var total: UInt64 {
    var total: UInt64 = 0
    for tensor in tensors {
      total = xxHash64(Array(tensor.name.utf8), seed: total)
      total = withUnsafeBytes(of: tensor.hash.littleEndian) { xxHash64($0, seed: total) }
    }
    return total
  }

  /// Finds out whether all ranks have the same bits; collective.
  ///
  /// Costs one small exchange where they do. All ranks add the same names in the same order.
  ///
  /// - Returns: The first tensor that differs, the same on every rank; nil where none does.
  package func compareAcrossRanks(
    _ communicator: any Communicator
  ) throws(CommunicationError) -> StateDifference? {
    let totals = try gather([total], communicator).map { $0[0] }
    guard Set(totals).count > 1 else { return nil }
    let hashes = try gather(tensors.map(\.hash), communicator)
    for (index, tensor) in tensors.enumerated() {
      let column = hashes.map { index < $0.count ? $0[index] : 0 }
      let majority = mostFrequent(column)
      let ranks = column.indices.filter { column[$0] != majority }
      if !ranks.isEmpty {
        return StateDifference(
          tensor: tensor.name, ranks: ranks, hashes: ranks.map { column[$0] }, majority: majority)
      }
    }
    let majority = mostFrequent(totals)
    let ranks = totals.indices.filter { totals[$0] != majority }
    return StateDifference(
      tensor: "(the list of tensors)", ranks: ranks, hashes: ranks.map { totals[$0] },
      majority: majority)
  }

  private func gather(
    _ hashes: [UInt64], _ communicator: any Communicator
  ) throws(CommunicationError) -> [[UInt64]] {
    try communicator.allGather(hashes.withUnsafeBytes { [UInt8]($0) }).map { bytes in
      bytes.withUnsafeBytes { buffer in
        (0..<buffer.count / 8).map { buffer.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
      }
    }
  }

  /// The most frequent value; among equals, the one of the lowest rank.
  private func mostFrequent(_ values: [UInt64]) -> UInt64 {
    let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
    let most = counts.values.max() ?? 0
    return values.first { counts[$0] == most } ?? 0
  }
}

/// Ranks whose state is not that of the others.
package struct StateDifference: Equatable, Sendable, CustomStringConvertible {
  /// The first tensor that differs.
  package let tensor: String
  /// The ranks that differ from the majority; between two ranks, from rank 0.
  package let ranks: [Int]
  /// The hash of the tensor on each of these ranks.
  package let hashes: [UInt64]
  /// The hash of the tensor on the other ranks.
  package let majority: UInt64

  /// Names the tensor and the ranks.
  package var description: String {
    let list = zip(ranks, hashes).map { "rank \($0) (\(hexadecimal($1)))" }
    return "\(tensor) differs on \(list.joined(separator: ", ")) from \(hexadecimal(majority))"
  }
}

/// Sixteen hexadecimal digits.
package func hexadecimal(_ hash: UInt64) -> String {
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
