import Communication

let agreementCases = [
  SelfTestCase(name: "agreement") { context in
    var agreement = StartAgreement()
    agreement.add("code version", "1")
    agreement.add("threads", "2")
    context.expect(
      try agreement.differences(context.communicator).isEmpty, "equal lists do not differ")
    agreement.add("data index", context.rank == context.worldSize - 1 ? "b" : "a")
    let differences = try agreement.differences(context.communicator)
    context.expect(
      differences.map(\.key) == (context.worldSize > 1 ? ["data index"] : []),
      "differences are \(differences)")
  },
  SelfTestCase(name: "state-hash") { context in
    var weights: [[Float]] = [[1, 2, 3], [], [4, 5]]
    func hash() -> StateHash {
      var hash = StateHash()
      for (index, weight) in weights.enumerated() {
        weight.withUnsafeBufferPointer { hash.add("tensor\(index)", $0) }
      }
      return hash
    }
    context.expect(
      try hash().compareAcrossRanks(context.communicator) == nil, "equal states do not differ")
    guard context.worldSize > 1 else { return }
    if context.rank == 1 {
      weights[2][1] = Float(bitPattern: weights[2][1].bitPattern ^ 1)
    }
    let difference = try hash().compareAcrossRanks(context.communicator)
    context.expect(
      difference?.tensor == "tensor2" && difference?.ranks == [1],
      "the flipped bit was found as \(String(describing: difference))")
  },
]
