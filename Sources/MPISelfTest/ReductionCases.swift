import Communication

private let replicas = 8

let reductionCases = [
  SelfTestCase(name: "tree") { context in
    let chunk = 4096
    let elements = chunk / 4
    for count in [0, 1, 2, 3, 7, elements - 1, elements, elements + 1, 5 * elements + 3] {
      let sum = try reducedSum(
        context.communicator, replicas: replicas, count: count, chunkBytes: chunk)
      context.expect(
        sameBits(sum, canonicalSum(replicas: replicas, count: count)),
        "\(count) values differ from the canonical sum")
    }
  },
  SelfTestCase(name: "tree-large") { context in
    // Messages of this size wait for their receiver, and there are more chunks than slots.
    let chunk = 1 << 17
    let count = 3 * chunk / 4 + 17
    let sum = try reducedSum(
      context.communicator, replicas: replicas, count: count, chunkBytes: chunk)
    context.expect(
      sameBits(sum, canonicalSum(replicas: replicas, count: count)),
      "\(count) values differ from the canonical sum")
  },
  SelfTestCase(name: "tree-short-messages") { context in
    for wireFormat in [WireFormat.bfloat16, .int8] {
      for count in [1, 5, 1001] {
        let sum = try reducedSum(
          context.communicator, replicas: replicas, count: count, wireFormat: wireFormat)
        context.expect(
          sameBits(sum, canonicalSum(replicas: replicas, count: count, wireFormat: wireFormat)),
          "\(count) values differ from the canonical sum in \(wireFormat)")
      }
    }
  },
  SelfTestCase(name: "order-matters") { context in
    let count = 1000
    context.expect(
      !sameBits(
        sequentialSum(replicas: replicas, count: count),
        canonicalSum(replicas: replicas, count: count)),
      "values for which every order gives the same bits show nothing")
  },
  SelfTestCase(name: "replica-table") { context in
    let layout = try ReplicaLayout(
      replicas: replicas, worldSize: context.worldSize, rank: context.rank)
    let values = layout.localReplicas.flatMap { [1 / Double($0 + 1), Double($0)] }
    let received = try context.communicator.allGather(values).flatMap { $0 }
    let table = stride(from: 0, to: received.count, by: 2).map { [received[$0], received[$0 + 1]] }
    let expected = (0..<replicas).map { [1 / Double($0 + 1), Double($0)] }
    context.expect(table == expected, "the table of all replicas is \(table)")
    context.expect(treeSum(table)[1] == 28, "the sum of 0...7 is \(treeSum(table)[1])")
  },
]

/// Run with the library's ring algorithm forced and at least four ranks: the negative control that
/// shows that the comparison of bits can fail.
let ringDiffers = SelfTestCase(name: "library-ring-differs") { context in
  let count = 100_000
  let values = replicaValues(context.rank, count: count)
  var result = [Float](repeating: 0, count: count)
  try values.withUnsafeBufferPointer { source in
    try result.withUnsafeMutableBufferPointer { target in
      try context.communicator.librarySum(source, into: target)
    }
  }
  context.expect(
    !sameBits(result, canonicalSum(replicas: context.worldSize, count: count)),
    "the ring has the bits of the canonical sum")
}
