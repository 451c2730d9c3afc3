import Communication

let collectiveCases = [
  SelfTestCase(name: "broadcast") { context in
    for count in [0, 1, 4095, 100_003] {
      for root in 0..<context.worldSize {
        let mine = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ context.rank) }
        let expected = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ root) }
        let received = try context.communicator.broadcast(mine, root: root)
        context.expect(received == expected, "\(count) bytes from rank \(root)")
      }
    }
  },
  SelfTestCase(name: "gather") { context in
    for scale in [0, 1, 1000] {
      func bytes(_ rank: Int) -> [UInt8] { [UInt8](repeating: UInt8(rank), count: rank * scale) }
      let expected = (0..<context.worldSize).map(bytes)
      let everywhere = try context.communicator.allGather(bytes(context.rank))
      context.expect(everywhere == expected, "allGather with lengths of rank * \(scale)")
      let atRoot = try context.communicator.gather(bytes(context.rank))
      context.expect(
        atRoot == (context.rank == 0 ? expected : []), "gather with lengths of rank * \(scale)")
    }
  },
  SelfTestCase(name: "sums") { context in
    let ranks = context.worldSize
    let closedForm = ranks * (ranks + 1) / 2
    let sums = try context.communicator.sumOverRanks([Double(context.rank + 1), 1])
    context.expect(sums == [Double(closedForm), Double(ranks)], "sumOverRanks gave \(sums)")
    for count in [0, 1, 1000] {
      let values = [Float](repeating: Float(context.rank + 1), count: count)
      var result = [Float](repeating: 0, count: count)
      try values.withUnsafeBufferPointer { source in
        try result.withUnsafeMutableBufferPointer { target in
          try context.communicator.librarySum(source, into: target)
        }
      }
      context.expect(
        result.allSatisfy { $0 == Float(closedForm) }, "librarySum of \(count) values")
    }
  },
  SelfTestCase(name: "ring") { context in
    guard context.worldSize > 1 else { return }
    let next = (context.rank + 1) % context.worldSize
    let previous = (context.rank + context.worldSize - 1) % context.worldSize
    // 1 MiB is beyond the size at which a send completes without a receive.
    for count in [1, 4096, 1 << 20] {
      let outgoing = FloatArena(count: count)
      let incoming = FloatArena(count: count)
      outgoing.values.update(repeating: Float(context.rank))
      var receive = try context.communicator.startReceive(
        UnsafeMutableRawBufferPointer(incoming.values), from: previous, tag: 5)
      var send = try context.communicator.startSend(
        UnsafeRawBufferPointer(outgoing.values), to: next, tag: 5)
      while try !context.communicator.isComplete(&receive) {}
      while try !context.communicator.isComplete(&send) {}
      context.expect(
        incoming.values.allSatisfy { $0 == Float(previous) }, "\(count) floats round the ring")
    }
  },
]
