import Configuration
import Testing

@Suite("Validation")
struct ValidationTests {
  @Test(
    "An impossible value is answered with its key and a remedy",
    arguments: [
      (["experiment=a/b"], 1, "experiment", "letters"), (["experiment="], 1, "experiment", ""),
      (["experiment=.."], 1, "experiment", ""), (["model.width=0"], 1, "model.width", "1 or more"),
      (["model.blocks=-1"], 1, "model.blocks", ""), (["data.root="], 1, "data.root", "folder"),
      (["data.side=100"], 1, "data.side", "64 or 128"), (["data.side=0"], 1, "data.side", "64"),
      (["data.side=130"], 1, "data.side", "128 or 192"),
      (["data.side=-64"], 1, "data.side", "64 or more"),
      (["data.crop=-1"], 1, "data.crop", ""), (["data.workers=0"], 1, "data.workers", ""),
      (["masks.mixture.rectangle=0"], 1, "masks.mixture", "rectangle"),
      (["masks.mixture.half=-1"], 1, "masks.mixture.half", ""),
      (["masks.mixture.half=.nan"], 1, "masks.mixture.half", ""),
      (["masks.mixture.files=1"], 1, "masks.files", "set it"),
      (["data.augmentation.color_jitter=1"], 1, "data.augmentation.color_jitter", "0.1"),
      (["data.augmentation.color_jitter=-1"], 1, "data.augmentation.color_jitter", ""),
      (["data.select=[Smiling]"], 1, "data.select", "Smiling=1"),
      (["data.select=[Smiling=2]"], 1, "data.select", "Smiling=1"),
      (["data.select=['=1']"], 1, "data.select", "Smiling=1"),
      (["data.select=[Male=0]", "data.format=folder"], 1, "data.format", "celeba"),
      (["data.held_out_identities=0.5"], 1, "data.held_out_identities", "0.1"),
      (["masks.face_parts=[]"], 1, "masks.face_parts", "nose"),
      (["masks.face_parts=[nose, nose]"], 1, "masks.face_parts", "nose"),
      (["masks.face_part_size=[1]"], 1, "masks.face_part_size", "[1, 1.25]"),
      (["masks.face_part_size=[2, 1]"], 1, "masks.face_part_size", "[1, 1.25]"),
      (["masks.face_part_size=[0, 1]"], 1, "masks.face_part_size", "[1, 1.25]"),
      (["masks.brush.strokes=[0, 1]"], 1, "masks.brush.strokes", "[1, 3]"),
      (["masks.brush.vertices=[3, 2]"], 1, "masks.brush.vertices", "[4, 11]"),
      (["masks.brush.width=[0.1, 2]"], 1, "masks.brush.width", ""),
      (["masks.brush.width=[.nan, .nan]"], 1, "masks.brush.width", ""),
      (["masks.brush.length=2"], 1, "masks.brush.length", "0.125"),
      (["masks.brush.angle=-1"], 1, "masks.brush.angle", "0.2"),
      (["masks.brush.angle_range=.nan"], 1, "masks.brush.angle_range", ""),
      (["masks.known_middle=1"], 1, "masks.known_middle", "0.5"),
      (["masks.shrink=1"], 1, "masks.shrink", "0.25"),
      (["masks.shrink=-0.1"], 1, "masks.shrink", ""), (["loss.pixel=-1"], 1, "loss.pixel", ""),
      (["loss.adversarial=.inf"], 1, "loss.adversarial", ""),
      (
        ["loss.pixel=0", "loss.adversarial=0", "loss.discriminator_feature=0"], 1, "loss",
        "loss.pixel"
      ),
      (
        ["perceptual.feature_layers=[relu1_1]"], 1, "perceptual.guided_layers", "add it"
      ),
      (["perceptual.guided_layers=[relu1_1, relu1_1]"], 1, "perceptual.guided_layers", "once"),
      (["optimizer.learning_rate=0"], 1, "optimizer.learning_rate", ""),
      (["optimizer.beta1=1"], 1, "optimizer.beta1", "0.5"),
      (["optimizer.beta2=-0.1"], 1, "optimizer.beta2", "0.999"),
      (["optimizer.epsilon=0"], 1, "optimizer.epsilon", ""),
      (["optimizer.milestones=[5, 5]"], 1, "optimizer.milestones", "sort"),
      (["optimizer.milestones=[0, 5]"], 1, "optimizer.milestones", ""),
      (["optimizer.decay=0"], 1, "optimizer.decay", ""),
      (["training.batch=0"], 1, "training.batch", "1 or more"),
      (["training.replicas=3"], 1, "training.replicas", "2, 4, 8"),
      (["training.replicas=0"], 1, "training.replicas", ""),
      (
        ["training.replicas=4"], 8, "training.replicas",
        "1 or 2 or 4 ranks; a new run may set it to 8"
      ),
      (["training.replicas=4"], 3, "training.replicas", "start 1 or 2 or 4 ranks"),
      (["training.replicas=8", "training.batch=12"], 2, "training.batch", "use 8 or 16"),
      (["training.replicas=16", "data.side=64"], 1, "training.batch", "32 or more"),
      (["training.batch=1", "data.side=64"], 1, "training.batch", "2 or more"),
      (
        ["training.batch_statistics=global", "training.batch=1", "data.side=64"], 1,
        "training.batch", "2 or more"
      ),
      (["training.steps=0"], 1, "training.steps", ""),
      (["training.ema=1"], 1, "training.ema", "0.999"),
      (["training.ema=-0.1"], 1, "training.ema", "0"),
      (["training.ema=.nan"], 1, "training.ema", ""),
      (["training.threads=-1"], 1, "training.threads", ""),
      (["training.bucket_bytes=0"], 1, "training.bucket_bytes", ""),
      (["training.agreement_every=-1"], 1, "training.agreement_every", ""),
      (["training.report_every=-1"], 1, "training.report_every", ""),
      (["training.watchdog_warn_seconds=0"], 1, "training.watchdog_warn_seconds", "1 or more"),
      (["training.watchdog_abort_seconds=-1"], 1, "training.watchdog_abort_seconds", "0 or more"),
      (["training.watchdog_abort_seconds=30"], 1, "training.watchdog_abort_seconds", "use 120"),
      (["checkpoint.every=0"], 1, "checkpoint.every", ""),
      (["checkpoint.keep_last=0"], 1, "checkpoint.keep_last", ""),
      (["checkpoint.keep_every=-1"], 1, "checkpoint.keep_every", ""),
      (["checkpoint.keep_every=2500"], 1, "checkpoint.keep_every", "use 2000"),
      (["checkpoint.keep_best=-1"], 1, "checkpoint.keep_best", "0 or more"),
      (["checkpoint.keep_best=1", "validation.every=0"], 1, "checkpoint.keep_best", "every"),
      (["checkpoint.keep_best=1", "validation.every=300"], 1, "checkpoint.keep_best", "1000"),
      (["validation.every=-1"], 1, "validation.every", ""),
      (["validation.count=0"], 1, "validation.count", ""),
      (["validation.samples_every=-1"], 1, "validation.samples_every", ""),
      (["validation.samples_count=0"], 1, "validation.samples_count", ""),
    ])
  func problem(overrides: [String], rankCount: Int, key: String, remedy: String) throws {
    let configuration = try RunConfiguration().applying(overrides: overrides)
    let problems = configuration.problems(rankCount: rankCount)
    #expect(problems.map(\.key) == [key], "\(problems)")
    #expect(problems.first?.remedy.contains(remedy) ?? false || remedy.isEmpty, "\(problems)")
    #expect(problems.first?.remedy.isEmpty == false)
    #expect(problems.first?.value.isEmpty == false)
    let error = #expect(throws: ConfigurationError.self) {
      try configuration.validate(rankCount: rankCount)
    }
    #expect(error?.problems == problems)
  }

  @Test(
    "What is possible is let through",
    arguments: [
      (["training.replicas=8", "training.batch=8", "data.side=128"], 8),
      (["training.replicas=8", "training.batch=16", "data.side=64"], 4),
      (
        [
          "training.batch_statistics=global", "training.replicas=8", "training.batch=8",
          "data.side=64",
        ], 8
      ),
      (["training.reduction=fast", "training.wire_format=bf16"], 1),
      (["masks.mixture.rectangle=0", "masks.mixture.files=1", "masks.files=masks"], 1),
      (["data.select=[Smiling=1, 5_o_Clock_Shadow=-1]", "data.held_out_identities=0.1"], 1),
      (["masks.brush.strokes=[1, 1]", "masks.face_parts=[left_eye]"], 1),
      (["optimizer.milestones=[]", "checkpoint.keep_every=2000", "data.crop=0"], 1),
      (["validation.every=0", "training.agreement_every=0", "loss.feature=0"], 1),
      (["validation.every=500", "checkpoint.keep_best=2", "checkpoint.best_metric=ssim"], 1),
      (["training.watchdog_abort_seconds=0", "training.watchdog_warn_seconds=60"], 1),
    ])
  func possible(overrides: [String], rankCount: Int) throws {
    try RunConfiguration().applying(overrides: overrides).validate(rankCount: rankCount)
  }

  @Test("All problems are collected, in the order of the sections")
  func collected() throws {
    let configuration = try RunConfiguration().applying(overrides: [
      "validation.count=0", "data.side=100", "training.steps=0", "optimizer.beta1=2",
    ])
    #expect(
      configuration.problems(rankCount: 1).map(\.key) == [
        "data.side", "optimizer.beta1", "training.steps", "validation.count",
      ])
  }

  @Test("No combination of values makes the checks trap", arguments: 0..<200 as Range<UInt64>)
  func checksNeverTrap(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var configuration = RunConfiguration.random(using: &random)
    let extremes = [Int.min, -1, 0, 1, 2, 3, 64, Int.max - 1, Int.max]
    func extreme() -> Int { extremes.randomElement(using: &random) ?? 0 }
    configuration.data.side = extreme()
    configuration.training.batch = extreme()
    configuration.training.replicas = extreme()
    configuration.checkpoint.every = extreme()
    configuration.checkpoint.keepEvery = extreme()
    configuration.checkpoint.keepBest = extreme()
    configuration.validation.every = extreme()
    for rankCount in [Int.min, -1, 0, 1, 3, 4, Int.max] {
      #expect(!configuration.problems(rankCount: rankCount).isEmpty || rankCount > 0)
    }
  }
}
