import Communication
import Configuration
import Datasets
import Images

extension RunPlan {
  /// What is allowed, and most likely not meant.
  var doubts: [String] {
    pictureDoubts + scheduleDoubts + resourceDoubts
  }

  private var pictureDoubts: [String] {
    let (count, batch) = (session.data.training.count, session.imagesPerStep)
    var doubts = [cropDoubt].compactMap { $0 }
    if count < batch {
      doubts.append(
        "a step takes \(batch) pictures, and there are \(count): some are in it several times; add "
          + "pictures or set a smaller training.batch")
    }
    if count >= batch, epochs < 1 {
      doubts.append(
        "the run ends before it has seen every picture: more training.steps, or fewer pictures")
    }
    if epochs > 300 {
      doubts.append(
        "each picture is seen \(Int(epochs)) times: the discriminator will know them by heart; add "
          + "pictures, set adversarial.augment, or train fewer steps")
    }
    if let held = session.data.validation, configuration.validation.every > 0,
      held.count < configuration.validation.count
    {
      doubts.append(
        "validation.count is \(configuration.validation.count), and \(held.count) pictures are held out"
      )
    }
    if configuration.model.kind == .dmfn, configuration.perceptual.weightSource == .none {
      doubts.append(
        "perceptual.weights is empty: without the perceptual losses fillings stay softer")
    }
    return doubts
  }

  /// What the first training picture says about `data.crop`; packed squares have been cut already.
  private var cropDoubt: String? {
    let (training, crop) = (session.data.training, configuration.data.crop)
    guard crop > 0, training.count > 0, training.contentKind == "original",
      let bytes = try? training.encodedImage(at: 0),
      let header = try? ImageHeader(of: bytes, name: training.name(of: 0))
    else { return nil }
    let shorter = min(header.width, header.height)
    let picture = "\(training.name(of: 0)) is \(header.width)x\(header.height)"
    if crop > shorter {
      return "\(picture), and data.crop is \(crop): the largest square is cut out"
    }
    guard 2 * crop < shorter else { return nil }
    return
      "\(picture), and the network sees the middle \(crop) pixels of it (data.crop): set it to 0 for the "
      + "largest square"
  }

  private var scheduleDoubts: [String] {
    let (steps, optimizer) = (configuration.training.steps, configuration.optimizer)
    var doubts: [String] = []
    let late = optimizer.milestones.filter { $0 >= steps }
    if optimizer.schedule == .steps, !late.isEmpty, late != [100_000] {
      doubts.append("optimizer.milestones names \(late), and the run has \(steps) steps")
    }
    for (key, warmup) in [
      ("optimizer.warmup", optimizer.warmup),
      ("optimizer.discriminator.warmup", optimizer.discriminator.warmup),
      ("adversarial.warmup", configuration.adversarial.warmup),
    ] where warmup >= steps {
      doubts.append("\(key) is \(warmup), and the run has \(steps) steps: it never ends")
    }
    for (key, every) in [
      ("checkpoint.every", configuration.checkpoint.every),
      ("validation.every", configuration.validation.every),
      ("validation.samples_every", configuration.validation.samplesEvery),
    ] where every > steps {
      doubts.append(
        "\(key) is \(every), and the run has \(steps) steps: it comes at the end at best")
    }
    if configuration.validation.patience > 0, configuration.checkpoint.keepBest == 0 {
      doubts.append(
        "validation.patience ends the run after its best score, and checkpoint.keep_best keeps no "
          + "checkpoint of that")
    }
    return doubts
  }

  private var resourceDoubts: [String] {
    var doubts: [String] = []
    let all = (measured.peakBytes.max() ?? 0) * session.communicator.hostSize
    if all > memoryBytes * 9 / 10 {
      doubts.append(
        "the ranks of this machine take \(bytes(all)) of \(bytes(memoryBytes)): set training.accumulate and a smaller "
          + "training.batch, training.recompute, or training.precision to bf16")
    }
    if let freeBytes, checkpointSpace > freeBytes {
      doubts.append(
        "the checkpoints need \(bytes(checkpointSpace)), and \(bytes(freeBytes)) are free: set "
          + "checkpoint.keep_last or checkpoint.keep_every lower, or choose another folder with --run"
      )
    }
    if measured.secondsOfWaiting > measured.secondsPerStep / 10 {
      doubts.append(
        "steps wait for pictures: set data.workers higher, or pack the pictures with inpaint pack")
    }
    if seconds > 14 * 86_400 {
      doubts.append(
        "\(duration(seconds)) is long: more machines (docs/cluster.md), or a preset for smaller pictures"
      )
    }
    return doubts
  }
}
