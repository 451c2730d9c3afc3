import Configuration
import Kernels
import Models
import Testing

@Suite("Effective YAML, fingerprint and differences")
struct EffectiveYAMLTests {
  @Test("Random configurations round-trip exactly", arguments: 0..<60 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    let configuration = RunConfiguration.random(using: &random)
    let text = configuration.effectiveYAML()
    let parsed = try RunConfiguration.parse(yaml: text)
    #expect(parsed == configuration)
    #expect(parsed.effectiveYAML() == text)
  }

  @Test(
    "Texts that look like something else round-trip",
    arguments: [
      "", "12", "1.5", "yes", "null", "~", "a: b", "# no comment", "[1]", "two\nlines", "'quoted'",
      "\"", "日本 é", " spaces ", "{", "!tag", "&a", "*a", "-", "- x", "1:30", "2001-01-01", "<<",
    ])
  func texts(text: String) throws {
    var configuration = RunConfiguration()
    configuration.experiment = text
    configuration.data.root = text
    #expect(try RunConfiguration.parse(yaml: configuration.effectiveYAML()) == configuration)
  }

  @Test("Numbers are written as people write them")
  func numbers() {
    let text = RunConfiguration().effectiveYAML()
    for line in [
      "  learning_rate: 0.0002\n", "  epsilon: 1.0e-08\n", "  feature: 25.0\n",
      "  milestones: [100000]\n", "  weights: ''\n",
    ] {
      #expect(text.contains(line), "\(text)")
    }
  }

  @Test(
    "Every key outside arithmetic exists and leaves the fingerprint alone; every other changes it")
  func fingerprint() throws {
    let base = RunConfiguration()
    let changes = [
      "experiment=x", "data.root=x", "data.format=folder", "data.workers=3",
      "data.on_bad_image=skip", "masks.files=x", "model.initial_weights=x",
      "training.steps=1", "training.recompute=true", "training.ema=0.5",
      "training.ema_half_life=100", "training.ema_ramp_up=0",
      "training.on_non_finite=skip", "training.threads=1",
      "training.bucket_bytes=8192",
      "training.agreement_every=1", "training.watchdog_warn_seconds=1",
      "training.watchdog_abort_seconds=1", "training.report_every=1", "training.tensorboard=true",
      "checkpoint.every=1", "checkpoint.keep_last=1", "checkpoint.keep_every=1",
      "checkpoint.keep_best=1", "checkpoint.best_metric=ssim", "validation.every=1",
      "validation.count=1",
      "validation.holes=[thin]", "validation.first=true", "validation.patience=1",
      "validation.samples_every=1", "validation.samples_count=1",
    ]
    for change in changes {
      let changed = try base.applying(overrides: [change])
      #expect(changed != base && changed.fingerprint == base.fingerprint, "\(change)")
      #expect(changed.differences(to: base).map(\.decidesArithmetic) == [false], "\(change)")
    }
    let outside = Set(changes.map { $0.split(separator: "=")[0] })
    let inside = [
      "seed": "2", "model.kind": "", "model.block": "released", "model.width": "1",
      "model.blocks": "1", "model.attention": "true", "model.noise": "8",
      "model.composite": "membrane", "model.upsampling": "nearest", "data.side": "64",
      "data.crop": "0",
      "data.augmentation.flip": "true",
      "data.augmentation.random_crop": "true", "data.augmentation.color_jitter": "0.1",
      "data.select": "[Smiling=1]", "data.held_out_identities": "0.1",
      "masks.flip_files": "true", "masks.shift_files": "true", "masks.face_parts": "[nose]",
      "masks.face_part_size": "[1, 2]", "masks.brush.strokes": "[2, 3]",
      "masks.brush.vertices": "[2, 3]", "masks.brush.length": "0.5",
      "masks.brush.width": "[0.05, 0.1]", "masks.brush.angle": "0.1",
      "masks.brush.angle_range": "0.1", "masks.known_middle": "0.25",
      "masks.mixture.rectangle": "2",
      "masks.mixture.centre": "2", "masks.mixture.brush": "2", "masks.mixture.files": "2",
      "masks.mixture.face_parts": "2", "masks.mixture.half": "2", "masks.mixture.border": "2",
      "masks.mixture.thin": "2", "masks.mixture.medium": "2", "masks.mixture.thick": "2",
      "masks.mixture.mosaic": "2", "masks.shrink": "0", "loss.pixel": "2", "loss.feature": "2",
      "loss.alignment": "2", "loss.adversarial": "2", "loss.discriminator_feature": "2",
      "loss.diversity": "2", "loss.diversity_steps": "2",
      "loss.diversity_limit": "1",
      "loss.alignment_axes": "horizontal_twice", "perceptual.weights": "random",
      "perceptual.normalisation": "released", "perceptual.feature_layers": "[relu1_1]",
      "perceptual.guided_layers": "[]", "perceptual.alignment_layer": "relu5_1",
      "optimizer.learning_rate": "2", "optimizer.beta1": "0", "optimizer.beta2": "0",
      "optimizer.epsilon": "1", "optimizer.milestones": "[]", "optimizer.decay": "1",
      "optimizer.schedule": "cosine", "optimizer.final_share": "0.5", "optimizer.clip_norm": "2",
      "optimizer.frozen": "[a]", "optimizer.discriminator.schedule": "linear",
      "optimizer.discriminator.final_share": "0.5", "optimizer.discriminator.milestones": "[1]",
      "optimizer.discriminator.decay": "1", "optimizer.discriminator.clip_norm": "2",
      "training.accumulate": "2",
      "optimizer.warmup": "3", "optimizer.discriminator.separate": "true",
      "optimizer.discriminator.learning_rate": "1", "optimizer.discriminator.beta1": "0",
      "optimizer.discriminator.beta2": "0", "optimizer.discriminator.warmup": "3",
      "model.discriminator": "patch", "model.discriminator_norm": "none", "adversarial.r1": "1",
      "adversarial.r1_every": "2", "adversarial.augment": "[color]", "adversarial.warmup": "3",
      "training.batch": "2", "training.replicas": "2", "training.precision": "bf16",
      "training.batch_statistics": "global", "training.convolution": "openblas",
      "training.reduction": "fast", "training.wire_format": "bf16",
    ]
    var seen: Set = [base.fingerprint]
    for (key, _) in base.values where !outside.contains(Substring(key)) {
      let value = try #require(inside[key], "a new key: say whether it decides the arithmetic")
      guard !value.isEmpty else { continue }
      let changed = try base.applying(overrides: ["\(key)=\(value)"])
      #expect(seen.insert(changed.fingerprint).inserted, "\(key)")
      let differences = changed.differences(to: base)
      #expect(differences.map(\.key) == [key])
      #expect(differences.map(\.decidesArithmetic) == [true])
    }
  }

  @Test("A fingerprint is the same text on every machine")
  func knownFingerprint() {
    #expect(RunConfiguration().fingerprint == "f9912605bd8d81dc")
  }

  @Test("A moved VGG-19 file is the same arithmetic")
  func movedWeights() {
    var here = RunConfiguration()
    here.perceptual.weights = "weights/vgg19.safetensors"
    var there = here
    there.perceptual.weights = "/elsewhere/vgg19.safetensors"
    #expect(here.fingerprint == there.fingerprint)
    #expect(here.differences(to: there).map(\.decidesArithmetic) == [false])
    there.perceptual.weights = ""
    #expect(here.fingerprint != there.fingerprint)
    #expect(here.differences(to: there).map(\.decidesArithmetic) == [true])
  }
}

extension RunConfiguration {
  /// A configuration with most values drawn anew, valid or not.
  static func random(using random: inout some RandomNumberGenerator) -> RunConfiguration {
    var configuration = RunConfiguration(kind: .allCases.randomElement(using: &random)!)
    configuration.seed = random.next()
    configuration.experiment = String(
      (0..<5).map { _ in "abz019:#-'\" [{".randomElement(using: &random)! })
    switch configuration.model.kind {
    case .dmfn:
      configuration.model.block = .allCases.randomElement(using: &random)!
      configuration.loss.feature = Double.random(in: 0...100, using: &random)
      configuration.perceptual.guidedLayers = PerceptualConfiguration.Layer.allCases
        .filter { _ in Bool.random(using: &random) }
    case .deepfill:
      configuration.model.compat = .allCases.randomElement(using: &random)!
      configuration.loss.discount = Double.random(in: 0...1, using: &random)
      configuration.training.criticUpdates = Int.random(in: Int.min...Int.max, using: &random)
      configuration.training.pretrainCoarse = Bool.random(using: &random)
    case .dcgan:
      configuration.model.latent = Int.random(in: Int.min...Int.max, using: &random)
    }
    configuration.model.width = Int.random(in: Int.min...Int.max, using: &random)
    configuration.data.side = Int.random(in: -1000...1000, using: &random)
    configuration.training.convolution = .allCases.randomElement(using: &random)!
    configuration.optimizer.milestones = (0..<Int.random(in: 0...3, using: &random))
      .map { _ in Int.random(in: 0...1_000_000, using: &random) }
    func number() -> Double {
      let number = Double(bitPattern: random.next())
      return number.isFinite ? number : 0.1
    }
    configuration.optimizer.learningRate = number()
    configuration.optimizer.epsilon = Double.random(in: 0...1e-6, using: &random)
    if configuration.model.kind.fillsHoles {
      configuration.masks.shrink = number()
      configuration.masks.brush.width = [number(), number()]
      configuration.masks.brush.strokes = [Int.random(in: -5...5, using: &random)]
    }
    configuration.data.select = ["Smiling=1", "5_o_Clock_Shadow=0", "a, b", "1", "yes", "[x]", ""]
      .filter { _ in Bool.random(using: &random) }
    return configuration
  }
}

/// A small generator of test numbers.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
