import Interchange

/// The harmonic membrane over holes in ONNX's operators: see `HarmonicMembrane`.
///
/// ONNX has no loop until something is small enough without a second graph, so that the iterations are a
/// fixed number, written out. They are those of the program but for the smoother: Jacobi's, damped, in
/// the place of a chessboard of two colours, and grids of a fixed number. After them the relative error
/// is at most 1e-6 on pictures of 64 pixels, 1e-5 on 256 and about 1e-3 on 4,000 (docs/models/adversarial.md).
struct ONNXMembrane {
  /// One grid: its equations as [N, 1, H, W], except where said otherwise.
  private struct Level {
    let size: ONNXValue
    let mask: ONNXValue
    let diagonal: ONNXValue
    /// The damping over the diagonal, 0 outside of the hole.
    let step: ONNXValue
    /// Conductances to the right, left, lower and upper neighbour, for each of 3 channels, [N, 12, H, W].
    let conductances: ONNXValue
  }

  /// Iterations of conjugate gradients.
  private static let iterations = 16
  /// Grids, each of half the rows and columns of the one before.
  private static let levels = 11
  /// Jacobi's damping.
  private static let damping: Float = 0.8
  /// Jacobi's steps on the coarsest grid.
  private static let coarsestSteps = 4
  /// See COARSE_SCALE in membrane_grid.c.
  private static let coarseScale: Float = 0.55

  /// Kernels that the operators share.
  fileprivate struct Kernels {
    let neighbours: ONNXValue
    let shifts: ONNXValue
    let channelSums: ONNXValue
    let windows: ONNXValue
    let start: ONNXValue
    let axes: ONNXValue
    let tiny: ONNXValue
  }

  fileprivate let kernels: Kernels
  private var grids: [Level] = []

  /// Adds what a generator's picture lacks at the border of holes.
  ///
  /// - Parameters:
  ///   - generated: RGB in [-1, 1], [N, 3, H, W].
  ///   - image: The known pixels, RGB in [-1, 1], [N, 3, H, W].
  ///   - isHole: Truth values, [N, 1, H, W].
  ///   - graph: The graph.
  /// - Returns: The generator's picture and the membrane, limited to [-1, 1], [N, 3, H, W]; to be used in
  ///   holes.
  static func joined(
    _ generated: ONNXValue, to image: ONNXValue, isHole: ONNXValue, in graph: inout ONNXGraph
  ) -> ONNXValue {
    let (zero, one) = (
      graph.constant("membrane.zero", [0], shape: []),
      graph.constant("membrane.one", [1], shape: [])
    )
    let hole = graph.apply("Where", [isHole, one, zero], name: "membrane.hole")
    var membrane = ONNXMembrane(kernels: Kernels(&graph))
    membrane.addGrids(to: &graph, hole: hole, one: one)
    let step = graph.apply("Sub", [image, generated], name: "membrane.step")
    let known = graph.apply("Where", [isHole, zero, step], name: "membrane.known_step")
    let border = graph.apply(
      "Conv", [known, membrane.kernels.neighbours],
      ["pads": .integers([1, 1, 1, 1]), "group": .integer(3)], name: "membrane.border")
    let right = graph.apply("Mul", [border, hole], name: "membrane.right_side")
    let solution = membrane.solved(right, in: &graph)
    let lifted = graph.apply("Add", [generated, solution], name: "lifted")
    let (low, high) = (
      graph.constant("membrane.low", [-1], shape: []),
      graph.constant("membrane.high", [1], shape: [])
    )
    return graph.apply("Clip", [lifted, low, high], name: "joined")
  }

  fileprivate init(kernels: Kernels) { self.kernels = kernels }

  // MARK: - Equations

  private mutating func addGrids(to graph: inout ONNXGraph, hole: ONNXValue, one: ONNXValue) {
    func shifted(_ x: ONNXValue, _ offset: (Int, Int), _ name: String) -> ONNXValue {
      let kernel = graph.constant("\(name).kernel", Kernels.shift(offset), shape: [1, 1, 3, 3])
      return graph.apply("Conv", [x, kernel], ["pads": .integers([1, 1, 1, 1])], name: name)
    }
    func summed(_ x: ONNXValue, _ weights: [Float], _ name: String) -> ONNXValue {
      let kernel = graph.constant("\(name).kernel", weights, shape: [1, 1, 2, 2])
      return graph.apply(
        "Conv", [x, kernel],
        ["strides": .integers([2, 2]), "pads": .integers([0, 0, 1, 1])], name: name)
    }
    let nothing = graph.constant("membrane.nothing", [0], shape: [])
    let empty = graph.apply("Mul", [hole, nothing], name: "membrane.empty")
    let everywhere = graph.apply("Add", [empty, one], name: "membrane.everywhere")
    let cross = graph.constant("membrane.cross", Kernels.cross, shape: [1, 1, 3, 3])
    let counts = graph.apply(
      "Conv", [everywhere, cross], ["pads": .integers([1, 1, 1, 1])], name: "membrane.counts")
    var mask = hole
    var diagonal = graph.apply("Mul", [counts, hole], name: "membrane.diagonal")
    let (toTheRight, under) = (
      shifted(hole, (0, 1), "membrane.hole_right"), shifted(hole, (1, 0), "membrane.hole_below")
    )
    var right = graph.apply("Mul", [hole, toTheRight], name: "membrane.right")
    var below = graph.apply("Mul", [hole, under], name: "membrane.below")
    let scale = graph.constant("membrane.scale", [Self.coarseScale], shape: [])
    let damping = graph.constant("membrane.damping", [Self.damping], shape: [])
    for level in 0..<Self.levels {
      if level > 0 {
        // Edges inside of a square of four pixels do not count.
        let inside = [
          summed(right, [2, 0, 2, 0], "membrane.inner_right"),
          summed(below, [2, 2, 0, 0], "membrane.inner_below"),
        ]
        let inner = graph.apply("Add", inside, name: "membrane.inner")
        let sum = summed(diagonal, [1, 1, 1, 1], "membrane.sum")
        let outer = graph.apply("Sub", [sum, inner], name: "membrane.outer")
        diagonal = graph.apply("Mul", [outer, scale], name: "membrane.diagonal")
        let across = summed(right, [0, 1, 0, 1], "membrane.right_sum")
        right = graph.apply("Mul", [across, scale], name: "membrane.right")
        let down = summed(below, [0, 0, 1, 1], "membrane.below_sum")
        below = graph.apply("Mul", [down, scale], name: "membrane.below")
        mask = graph.apply(
          "MaxPool", [mask],
          [
            "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
            "pads": .integers([0, 0, 1, 1]),
          ], name: "membrane.mask")
      }
      let divisor = graph.apply("Max", [diagonal, kernels.tiny], name: "membrane.divisor")
      let inverse = graph.apply("Div", [damping, divisor], name: "membrane.inverse")
      let (left, above) = (
        shifted(right, (0, -1), "membrane.left"), shifted(below, (-1, 0), "membrane.above")
      )
      let four = graph.apply(
        "Concat", [right, left, below, above], ["axis": .integer(1)], name: "membrane.four")
      let shape = graph.apply("Shape", [mask], name: "membrane.shape")
      let (two, end) = (
        graph.constant("membrane.two", integers: [2]), graph.constant("membrane.end", integers: [4])
      )
      grids.append(
        Level(
          size: graph.apply("Slice", [shape, two, end], name: "membrane.size"), mask: mask,
          diagonal: diagonal,
          step: graph.apply("Mul", [inverse, mask], name: "membrane.step_length"),
          conductances: graph.apply(
            "Concat", [four, four, four], ["axis": .integer(1)], name: "membrane.conductances")))
    }
  }

  // MARK: - Solution

  private func solved(_ right: ONNXValue, in graph: inout ONNXGraph) -> ONNXValue {
    var rest = right
    var direction = cycle(rest, in: &graph)
    var energy = dot(rest, direction, in: &graph)
    var solution: ONNXValue?
    for iteration in 1...Self.iterations {
      let product = multiplied(direction, grids[0], in: &graph)
      let curvature = dot(direction, product, in: &graph)
      let length = quotient(energy, curvature, in: &graph)
      let advance = graph.apply("Mul", [length, direction], name: "membrane.advance")
      solution =
        solution.map { graph.apply("Add", [$0, advance], name: "membrane.solution") } ?? advance
      guard iteration < Self.iterations else { break }
      let change = graph.apply("Mul", [length, product], name: "membrane.change")
      rest = graph.apply("Sub", [rest, change], name: "membrane.rest")
      let preconditioned = cycle(rest, in: &graph)
      let next = dot(rest, preconditioned, in: &graph)
      let weight = quotient(next, energy, in: &graph)
      let kept = graph.apply("Mul", [weight, direction], name: "membrane.kept")
      direction = graph.apply("Add", [preconditioned, kept], name: "membrane.direction")
      energy = next
    }
    return solution ?? right
  }

  /// One multigrid cycle from zero.
  private func cycle(
    _ right: ONNXValue, level index: Int = 0, in graph: inout ONNXGraph
  ) -> ONNXValue {
    let level = grids[index]
    var u = graph.apply("Mul", [level.step, right], name: "membrane.u")
    guard index + 1 < grids.count else {
      for _ in 0..<Self.coarsestSteps { u = smoothed(u, right, level, in: &graph) }
      return u
    }
    let halves = ONNXAttribute.integers([2, 2])
    let left = rest(u, right, level, in: &graph)
    let coarse = graph.apply(
      "Conv", [left, kernels.windows],
      ["strides": halves, "pads": .integers([0, 0, 1, 1]), "group": .integer(3)],
      name: "membrane.coarse")
    let below = cycle(coarse, level: index + 1, in: &graph)
    let correction = graph.apply(
      "ConvTranspose", [below, kernels.windows], ["strides": halves, "group": .integer(3)],
      name: "membrane.correction")
    let cut = graph.apply(
      "Slice", [correction, kernels.start, level.size, kernels.axes], name: "membrane.cut")
    let inHole = graph.apply("Mul", [cut, level.mask], name: "membrane.in_hole")
    u = graph.apply("Add", [u, inHole], name: "membrane.corrected")
    return smoothed(u, right, level, in: &graph)
  }

  private func smoothed(
    _ u: ONNXValue, _ right: ONNXValue, _ level: Level, in graph: inout ONNXGraph
  ) -> ONNXValue {
    let left = rest(u, right, level, in: &graph)
    let change = graph.apply("Mul", [level.step, left], name: "membrane.smoothing")
    return graph.apply("Add", [u, change], name: "membrane.smoothed")
  }

  private func rest(
    _ u: ONNXValue, _ right: ONNXValue, _ level: Level, in graph: inout ONNXGraph
  ) -> ONNXValue {
    let product = multiplied(u, level, in: &graph)
    return graph.apply("Sub", [right, product], name: "membrane.residual")
  }

  /// The equations' left side.
  private func multiplied(
    _ u: ONNXValue, _ level: Level, in graph: inout ONNXGraph
  ) -> ONNXValue {
    let shifted = graph.apply(
      "Conv", [u, kernels.shifts], ["pads": .integers([1, 1, 1, 1]), "group": .integer(3)],
      name: "membrane.shifted")
    let flows = graph.apply("Mul", [shifted, level.conductances], name: "membrane.flows")
    let inflow = graph.apply(
      "Conv", [flows, kernels.channelSums], ["group": .integer(3)], name: "membrane.inflow")
    let own = graph.apply("Mul", [level.diagonal, u], name: "membrane.own")
    return graph.apply("Sub", [own, inflow], name: "membrane.product")
  }

  private func dot(_ a: ONNXValue, _ b: ONNXValue, in graph: inout ONNXGraph) -> ONNXValue {
    let products = graph.apply("Mul", [a, b], name: "membrane.products")
    return graph.apply("ReduceSum", [products, kernels.axes], name: "membrane.dot")
  }

  private func quotient(_ a: ONNXValue, _ b: ONNXValue, in graph: inout ONNXGraph) -> ONNXValue {
    let divisor = graph.apply("Max", [b, kernels.tiny], name: "membrane.safe")
    return graph.apply("Div", [a, divisor], name: "membrane.quotient")
  }
}

extension ONNXMembrane.Kernels {
  fileprivate static let cross: [Float] = [0, 1, 0, 1, 0, 1, 0, 1, 0]

  /// A 3x3 kernel that takes the value at an offset of rows and columns.
  fileprivate static func shift(_ offset: (row: Int, column: Int)) -> [Float] {
    (0..<9).map { $0 == (offset.row + 1) * 3 + offset.column + 1 ? 1 : 0 }
  }

  fileprivate init(_ graph: inout ONNXGraph) {
    let four = [(0, 1), (0, -1), (1, 0), (-1, 0)].flatMap { Self.shift($0) }
    neighbours = graph.constant(
      "membrane.neighbours", Self.cross + Self.cross + Self.cross, shape: [3, 1, 3, 3])
    shifts = graph.constant("membrane.shifts", four + four + four, shape: [12, 1, 3, 3])
    channelSums = graph.constant(
      "membrane.channel_sums", Array(repeating: 1, count: 12), shape: [3, 4, 1, 1])
    windows = graph.constant(
      "membrane.windows", Array(repeating: 1, count: 12), shape: [3, 1, 2, 2])
    start = graph.constant("membrane.start", integers: [0, 0])
    axes = graph.constant("membrane.axes", integers: [2, 3])
    tiny = graph.constant("membrane.tiny", [1e-30], shape: [])
  }
}
