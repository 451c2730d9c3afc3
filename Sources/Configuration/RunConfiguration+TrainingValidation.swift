extension RunConfiguration {
  /// Checks how a batch is shared out among replicas and replicas among ranks.
  func checkTraining(_ check: inout ConfigurationCheck, rankCount: Int) {
    check.within(1...RunConfiguration.stepLimit, training.steps, "training.steps")
    check.demand(
      training.ema >= 0 && training.ema < 1, "training.ema", training.ema,
      "must be at least 0 and less than 1", "use 0.999, or 0 for no average")
    check.within(0...1_000_000_000, training.emaHalfLife, "training.ema_half_life")
    check.notNegative(training.emaRampUp, "training.ema_ramp_up")
    check.demand(
      training.ema == 0 || training.emaHalfLife == 0, "training.ema_half_life",
      training.emaHalfLife, "is set beside training.ema, which is \(training.ema)",
      "set one of the two to 0")
    check.within(0...4096, training.threads, "training.threads")
    check.within(4096...(1 << 30), training.bucketBytes, "training.bucket_bytes")
    check.within(
      0...RunConfiguration.stepLimit, training.agreementEvery, "training.agreement_every")
    check.within(0...RunConfiguration.stepLimit, training.reportEvery, "training.report_every")
    checkWatchdog(&check)
    model.kind.rules.checkTraining(self, &check)
    let isBatchUsable = check.within(1...(1 << 20), training.batch, "training.batch")
    guard check.within(1...(1 << 20), training.replicas, "training.replicas") else { return }
    guard training.replicas.nonzeroBitCount == 1 else {
      check.demand(
        false, "training.replicas", training.replicas, "must be a power of two",
        "use 1, 2, 4, 8 or more")
      return
    }
    let accumulate = training.accumulate
    guard check.within(1...1024, accumulate, "training.accumulate") else { return }
    check.demand(
      accumulate.nonzeroBitCount == 1, "training.accumulate", accumulate,
      "must be a power of two", "use 1, 2, 4, 8 or more")
    checkRanks(&check, rankCount: rankCount)
    if isBatchUsable { checkReplicas(&check) }
  }

  private func checkWatchdog(_ check: inout ConfigurationCheck) {
    let (warn, abort) = (training.watchdogWarnSeconds, training.watchdogAbortSeconds)
    let isWarnUsable = check.within(1...86_400, warn, "training.watchdog_warn_seconds")
    let isAbortUsable = check.within(0...86_400, abort, "training.watchdog_abort_seconds")
    guard isWarnUsable, isAbortUsable, abort > 0 else { return }
    check.demand(
      abort > warn, "training.watchdog_abort_seconds", abort,
      "must be above training.watchdog_warn_seconds, which is \(warn)",
      "use \(4 * warn), or 0 for no watchdog")
  }

  private func checkRanks(_ check: inout ConfigurationCheck, rankCount: Int) {
    let replicas = training.partCount
    let possibleRankCounts = (0...replicas.trailingZeroBitCount).map { "\(1 << $0)" }
    check.demand(
      rankCount > 0 && replicas % rankCount == 0, "training.replicas", training.replicas,
      (training.accumulate > 1 ? "times training.accumulate (\(training.accumulate)) " : "")
        + "cannot be shared out evenly among \(rankCount) ranks",
      "start \(possibleRankCounts.joined(separator: " or ")) rank\(replicas > 1 ? "s" : "")"
        + (rankCount > 0 && rankCount.nonzeroBitCount == 1 && training.accumulate == 1
          ? "; a new run may set it to \(rankCount)" : ""))
  }

  private func checkReplicas(_ check: inout ConfigurationCheck) {
    let (batch, replicas) = (training.batch, training.replicas)
    guard batch % replicas == 0 else {
      let lower = batch / replicas * replicas
      check.demand(
        false, "training.batch", batch,
        "cannot be shared out evenly among \(replicas) replicas (training.replicas)",
        "use \(lower > 0 ? "\(lower) or " : "")\(lower + replicas)")
      return
    }
    model.kind.rules.checkReplicas(self, &check)
  }
}
