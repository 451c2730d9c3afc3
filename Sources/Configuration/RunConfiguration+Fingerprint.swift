import Yams

/// A key that has different values in two configurations.
package struct ConfigurationDifference: Equatable, Sendable, CustomStringConvertible {
  /// The key's path, such as `training.batch`.
  package var key: String

  /// Its value in the configuration that was asked, as text.
  package var value: String

  /// Its value in the other, as text.
  package var otherValue: String

  /// Whether the key decides the numbers of a run, so that a run cannot go on with the other value.
  package var decidesArithmetic: Bool

  /// The key and both values in one line.
  package var description: String { "\(key): \(value) here, \(otherValue) there" }
}

extension RunConfiguration {
  /// The keys that do not change the numbers of a run: names, places, cadences and resources.
  ///
  /// A running average of the weights follows them and changes nothing; what is done about numbers
  /// that are not finite matters to runs alone that have them, which must be able to change it.
  /// What the files at a place hold is the business of the data index, not of the configuration; initial
  /// weights are in the first checkpoint.
  static let keysOutsideArithmetic: Set<String> = [
    "experiment",
    "data.root", "data.format", "data.workers", "data.on_bad_image",
    "masks.files", "model.initial_weights",
    "training.steps", "training.recompute", "training.ema", "training.ema_half_life",
    "training.ema_ramp_up", "training.on_non_finite",
    "training.threads",
    "training.bucket_bytes", "training.agreement_every", "training.report_every",
    "training.tensorboard", "training.watchdog_warn_seconds", "training.watchdog_abort_seconds",
    "checkpoint.every", "checkpoint.keep_last", "checkpoint.keep_every",
    "checkpoint.keep_best", "checkpoint.best_metric",
    "validation.every", "validation.count", "validation.holes", "validation.first",
    "validation.patience",
    "validation.samples_every", "validation.samples_count",
  ]

  /// Keys that earlier versions had not, with what runs did then: as such they change no fingerprint,
  /// so that runs of those versions can go on.
  private static let laterKeys = [
    "model.attention": "false", "model.noise": "0", "loss.diversity": "1.0",
    "loss.diversity_steps": "100000", "loss.diversity_limit": "0.0", "model.composite": "plain",
    "model.upsampling": "transposed",
    "model.discriminator": "dmfn", "model.discriminator_norm": "batch",
    "adversarial.r1": "0.0", "adversarial.r1_every": "16", "adversarial.augment": "[]",
    "adversarial.warmup": "0", "optimizer.warmup": "0", "optimizer.discriminator.separate": "false",
    "optimizer.discriminator.learning_rate": "0.0002", "optimizer.discriminator.beta1": "0.5",
    "optimizer.discriminator.beta2": "0.999", "optimizer.discriminator.warmup": "0",
    "optimizer.schedule": "steps", "optimizer.final_share": "0.0", "optimizer.clip_norm": "0.0",
    "optimizer.frozen": "[]", "optimizer.discriminator.schedule": "same",
    "optimizer.discriminator.final_share": "0.0", "optimizer.discriminator.milestones": "[]",
    "optimizer.discriminator.decay": "0.5", "optimizer.discriminator.clip_norm": "0.0",
    "training.accumulate": "1",
  ].merging(
    HoleKind.all.filter(\.isLater).map { ("masks.mixture.\($0.name)", "\($0.usualWeight)") }
  ) { own, _ in own }

  /// A hash of the keys that decide the numbers of a run: 16 hexadecimal digits.
  ///
  /// Two runs with the same fingerprint, data and code compute the same bits. A path of VGG-19
  /// weights counts as "a file", whatever its name.
  package var fingerprint: String {
    var copy = self
    copy.perceptual.weights = perceptual.weightSource.rawValue
    let text = copy.values
      .filter {
        decidesArithmetic($0.key) && Self.laterKeys[$0.key] != $0.value
      }
      .map { "\($0.key)=\($0.value)\n" }.joined()
    let digits = String(fnv1a(text.utf8), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The keys that have different values here and in `other`, in the order of the sections; keys that
  /// only one of two kinds of models has are left out.
  package func differences(to other: RunConfiguration) -> [ConfigurationDifference] {
    let others = Dictionary(uniqueKeysWithValues: other.values.map { ($0.key, $0.value) })
    return values.compactMap { mine in
      guard let theirs = others[mine.key], mine.value != theirs else { return nil }
      let isSameWeightSource =
        mine.key == "perceptual.weights"
        && perceptual.weightSource == other.perceptual.weightSource
      return ConfigurationDifference(
        key: mine.key, value: mine.value, otherValue: theirs,
        decidesArithmetic: (decidesArithmetic(mine.key) || other.decidesArithmetic(mine.key))
          && !isSameWeightSource)
    }
  }

  /// Whether a key decides the numbers of this run: the number of steps does where learning rates fall
  /// over all of them.
  private func decidesArithmetic(_ key: String) -> Bool {
    !Self.keysOutsideArithmetic.contains(key)
      || (key == "training.steps" && optimizer.followsSteps)
  }

  /// The path of every key of the kind of model with its value as text, in the order of the sections.
  package var values: [(key: String, value: String)] {
    func leaves(_ node: Node, _ path: String) -> [(key: String, value: String)] {
      guard let mapping = node.mapping else { return [(path, node.oneLine)] }
      return mapping.flatMap { leaves($1, path.isEmpty ? $0.oneLine : "\(path).\($0.oneLine)") }
    }
    return leaves(.tree(of: self), "")
  }
}

/// The 64-bit FNV-1a hash of `bytes`.
private func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
