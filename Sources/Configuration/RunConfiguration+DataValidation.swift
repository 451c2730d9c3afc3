import Datasets
import Images

extension RunConfiguration {
  /// Checks how the pictures are found and prepared.
  func checkData(_ check: inout ConfigurationCheck) {
    check.demand(
      !data.root.isEmpty, "data.root", "\"\"", "must name a folder",
      "set it to the folder of the pictures")
    let (multiple, reason) = model.kind.rules.sideMultiple
    if check.within(multiple...16_384, data.side, "data.side") {
      let lower = data.side / multiple * multiple
      check.demand(
        data.side == lower, "data.side", data.side, "must be a multiple of \(multiple) (\(reason))",
        "use \(lower) or \(lower + multiple)")
    }
    check.within(0...65_536, data.crop, "data.crop")
    check.within(1...1024, data.workers, "data.workers")
    let jitter = data.augmentation.colorJitter
    check.demand(
      jitter >= 0 && jitter < 1, "data.augmentation.color_jitter", jitter,
      "must be at least 0 and less than 1", "use 0.1 for small changes, or 0 for none")
    for condition in data.select {
      let parts = condition.split(separator: "=", omittingEmptySubsequences: false)
      check.demand(
        parts.count == 2 && !parts[0].isEmpty && ["1", "0", "-1"].contains(parts[1]),
        "data.select", condition, "is not a condition on an attribute",
        "write NAME=1 or NAME=0, such as Smiling=1")
    }
    let isSelecting = !data.select.isEmpty || data.heldOutIdentities != 0
    check.demand(
      !isSelecting || data.format != .folder, "data.format", data.format.rawValue,
      "has neither attributes nor identities to select by",
      "use auto or celeba, or remove data.select and data.held_out_identities")
    check.demand(
      data.heldOutIdentities >= 0 && data.heldOutIdentities < 0.5, "data.held_out_identities",
      data.heldOutIdentities, "must be at least 0 and less than 0.5",
      "validation and test take this share of the persons each: use 0.1, or 0 for the published parts"
    )
  }

  /// Checks how holes are made.
  func checkMasks(_ check: inout ConfigurationCheck) {
    let mixture = masks.mixture
    for kind in HoleKind.all {
      check.notNegative(mixture[kind], "masks.mixture.\(kind.name)")
    }
    check.demand(
      HoleKind.all.contains { mixture[$0] > 0 }, "masks.mixture", "all 0", "cuts no hole",
      "set at least one kind above 0, such as masks.mixture.rectangle: 1")
    check.demand(
      masks.shrink >= 0 && masks.shrink < 1, "masks.shrink", masks.shrink,
      "must be at least 0 and less than 1", "use 0.25, as published")
    check.demand(
      mixture[.files] <= 0 || !masks.files.isEmpty, "masks.files", "\"\"",
      "must name a folder when masks.mixture.files is above 0",
      "set it, or set masks.mixture.files to 0")
    check.demand(
      !masks.faceParts.isEmpty && Set(masks.faceParts).count == masks.faceParts.count,
      "masks.face_parts", "[" + masks.faceParts.map(\.rawValue).joined(separator: ", ") + "]",
      "must name at least one part, and none twice", "use [eyes, nose, mouth]")
    check.range(masks.facePartSize, within: 0.1...10, "masks.face_part_size", "[1, 1.25]")
    check.demand(
      masks.knownMiddle > 0 && masks.knownMiddle < 1, "masks.known_middle", masks.knownMiddle,
      "must be above 0 and less than 1", "use 0.5")
    checkBrush(&check)
  }

  private func checkBrush(_ check: inout ConfigurationCheck) {
    let brush = masks.brush
    check.range(brush.strokes, within: 1...1000, "masks.brush.strokes", "[1, 3]")
    check.range(brush.vertices, within: 1...1000, "masks.brush.vertices", "[4, 11]")
    check.range(brush.width, within: 0.001...1, "masks.brush.width", "[0.047, 0.156]")
    for (key, value, usual) in [
      ("length", brush.length, "0.125"), ("angle", brush.angle, "0.2"),
      ("angle_range", brush.angleRange, "0.067"),
    ] {
      check.demand(
        value >= 0 && value <= 1, "masks.brush.\(key)", value, "must be 0 to 1", "use \(usual)")
    }
  }
}
