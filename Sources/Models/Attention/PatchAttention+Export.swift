import Interchange
import Kernels

extension PatchAttention {
  /// The same layer as `callAsFunction` in ONNX's operators, for any number, height and width.
  ///
  /// Patches are taken by grouped convolutions with one 1 in each kernel, and laid by their
  /// transpose. The maps of all pairs of places are computed whole.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - x: [N, C, H, W]; H and W are even.
  ///   - hole: 1 = hole, 0 = known, [N, 1, s H, s W].
  ///   - channels: C.
  /// - Returns: [N, C, H, W].
  func add(
    to graph: inout ONNXGraph, _ x: ONNXValue, hole: ONNXValue, channels: Int
  ) -> ONNXValue {
    let sizes = PlaceGrid(of: x, &graph)
    let valid = addValid(to: &graph, hole, sizes)
    let match = addSampled(to: &graph, x, from: sizes.full, to: sizes.half)
    let q = addPatches(to: &graph, match, kernel: 3, stride: 1, channels: channels)
    let weights = addWeights(to: &graph, q, valid, sizes, length: 9 * channels)
    let r = addPatches(to: &graph, x, kernel: 4, stride: 2, channels: channels)
    let transposed = graph.apply(
      "Transpose", [weights], ["perm": .integers([0, 2, 1])], name: "attention.weights.transposed")
    let mixed = graph.apply("MatMul", [r, transposed], name: "attention.mixed")
    let length = graph.constant("attention.mixed.length", integers: [0, 16 * channels])
    let shape = graph.apply(
      "Concat", [length, sizes.half], ["axis": .integer(0)], name: "attention.mixed.shape")
    return graph.apply(
      "ConvTranspose",
      [
        graph.apply("Reshape", [mixed, shape], name: "attention.mixed.maps"),
        Self.taps(&graph, "attention.laying", kernel: 4, channels: channels, value: 0.25),
      ],
      [
        "group": .integer(channels), "strides": .integers([2, 2]), "pads": .integers([1, 1, 1, 1]),
      ], name: "attention")
  }

  /// 1 or 0 for each place, [N, 1, P].
  private func addValid(
    to graph: inout ONNXGraph, _ hole: ONNXValue, _ sizes: PlaceGrid
  ) -> ONNXValue {
    let whole = PlaceGrid(of: hole, &graph).full
    var small = hole
    if sampling == .alignedCorners {
      small = addSampled(to: &graph, small, from: whole, to: sizes.full)
      small = addSampled(to: &graph, small, from: sizes.full, to: sizes.half)
    } else {
      small = addSampled(to: &graph, small, from: whole, to: sizes.half)
    }
    let widened = graph.apply(
      "MaxPool", [small],
      [
        "kernel_shape": .integers([3, 3]), "strides": .integers([1, 1]),
        "pads": .integers([1, 1, 1, 1]),
      ], name: "attention.hole")
    let isHidden = graph.apply(
      "Greater", [widened, graph.constant("attention.zero", [0], shape: [])],
      name: "attention.is_hidden")
    let valid = graph.apply(
      "Where",
      [
        isHidden, graph.constant("attention.hidden", [0], shape: []),
        graph.constant("attention.known", [1], shape: []),
      ], name: "attention.valid.map")
    return graph.apply(
      "Reshape", [valid, graph.constant("attention.valid.shape", integers: [0, 1, -1])],
      name: "attention.valid")
  }

  /// How much each place takes from each, [N, P, P].
  private func addWeights(
    to graph: inout ONNXGraph, _ q: ONNXValue, _ valid: ONNXValue, _ sizes: PlaceGrid, length: Int
  ) -> ONNXValue {
    let squares = graph.apply(
      "ReduceSum",
      [
        graph.apply("Mul", [q, q], name: "attention.squares"),
        graph.constant("attention.patch_axis", integers: [1]),
      ], ["keepdims": .integer(1)], name: "attention.square")
    let bounded =
      switch norm {
      case .offset:
        graph.apply(
          "Add", [squares, graph.constant("attention.offset", [1e-4 * Float(length)], shape: [])],
          name: "attention.square.bounded")
      case .clamped:
        graph.apply(
          "Max", [squares, graph.constant("attention.least", [1e-8], shape: [])],
          name: "attention.square.bounded")
      }
    let k = graph.apply(
      "Div", [q, graph.apply("Sqrt", [bounded], name: "attention.norm")], name: "attention.k")
    let rows = graph.apply(
      "Transpose", [q], ["perm": .integers([0, 2, 1])], name: "attention.q.transposed")
    var s = graph.apply("MatMul", [rows, k], name: "attention.similarity")
    s = addDiagonals(to: &graph, s)
    s = addTransposedPlaces(to: &graph, s, sizes.half, sizes)
    s = addDiagonals(to: &graph, s)
    s = addTransposedPlaces(to: &graph, s, sizes.flipped, sizes)
    let scale = graph.apply(
      "Mul", [valid, graph.constant("attention.scale", [10], shape: [])], name: "attention.scales")
    let logits = graph.apply("Mul", [s, scale], name: "attention.logits")
    let powers = graph.apply("Softmax", [logits], ["axis": .integer(2)], name: "attention.softmax")
    return graph.apply("Mul", [powers, valid], name: "attention.weights")
  }

  /// `s[i - 1, j - 1] + s[i, j] + s[i + 1, j + 1]`, zeros outside.
  private func addDiagonals(to graph: inout ONNXGraph, _ s: ONNXValue) -> ONNXValue {
    let axes = graph.constant("attention.axes", integers: [1, 2])
    func moved(_ name: String, _ start: Int, _ end: Int, _ padding: [Int]) -> ONNXValue {
      let part = graph.apply(
        "Slice",
        [
          s, graph.constant("attention.\(name).start", integers: [start, start]),
          graph.constant("attention.\(name).end", integers: [end, end]), axes,
        ], name: "attention.\(name).part")
      return graph.apply(
        "Pad", [part, graph.constant("attention.\(name).padding", integers: padding)],
        name: "attention.\(name)")
    }
    let before = moved("before", 0, -1, [0, 1, 1, 0, 0, 0])
    let after = moved("after", 1, Int(Int32.max), [0, 0, 0, 0, 1, 1])
    return graph.apply(
      "Add", [graph.apply("Add", [before, s], name: "attention.half_fused"), after],
      name: "attention.fused")
  }

  /// [N, P, P] with both axes of places renumbered from row-major to column-major, given rows and
  /// columns.
  private func addTransposedPlaces(
    to graph: inout ONNXGraph, _ s: ONNXValue, _ grid: ONNXValue, _ sizes: PlaceGrid
  ) -> ONNXValue {
    let same = graph.constant("attention.same", integers: [0])
    let apart = graph.apply(
      "Concat", [same, grid, grid], ["axis": .integer(0)], name: "attention.apart.shape")
    let together = graph.apply(
      "Concat", [same, sizes.count, sizes.count], ["axis": .integer(0)],
      name: "attention.together.shape")
    let turned = graph.apply(
      "Transpose", [graph.apply("Reshape", [s, apart], name: "attention.apart")],
      ["perm": .integers([0, 2, 1, 4, 3])], name: "attention.turned")
    return graph.apply("Reshape", [turned, together], name: "attention.together")
  }

  /// Rows and columns by nearest sampling.
  private func addSampled(
    to graph: inout ONNXGraph, _ x: ONNXValue, from: ONNXValue, to: ONNXValue
  ) -> ONNXValue {
    [(2, 0), (3, 1)].reduce(x) { x, axis in
      func extent(_ sizes: ONNXValue, _ name: String) -> ONNXValue {
        graph.apply(
          "Gather", [sizes, graph.constant("sampling.\(name).axis", integer: axis.1)],
          name: "sampling.\(name)")
      }
      let indices = addIndices(to: &graph, from: extent(from, "from"), to: extent(to, "to"))
      return graph.apply(
        "Gather", [x, indices], ["axis": .integer(axis.0)], name: "\(x.name).sampled")
    }
  }

  /// `NearestSampling.indices` of scalars.
  private func addIndices(
    to graph: inout ONNXGraph, from n: ONNXValue, to m: ONNXValue
  ) -> ONNXValue {
    let (zero, one) = (
      graph.constant("sampling.zero", integer: 0), graph.constant("sampling.one", integer: 1)
    )
    func apply(_ type: String, _ a: ONNXValue, _ b: ONNXValue) -> ONNXValue {
      graph.apply(type, [a, b], name: "sampling.\(type.lowercased())")
    }
    let range = graph.apply("Range", [zero, m, one], name: "sampling.range")
    guard sampling == .alignedCorners else { return apply("Div", apply("Mul", range, n), m) }
    let divisor = apply("Max", apply("Sub", m, one), one)
    let two = graph.constant("sampling.two", integer: 2)
    let doubled = apply("Mul", apply("Mul", range, two), apply("Sub", n, one))
    return apply("Div", apply("Add", doubled, divisor), apply("Mul", divisor, two))
  }

  /// Windows with one row and column of zeros around, [N, C * kernel * kernel, P].
  private func addPatches(
    to graph: inout ONNXGraph, _ x: ONNXValue, kernel: Int, stride: Int, channels: Int
  ) -> ONNXValue {
    let name = "attention.patches\(kernel)"
    let maps = graph.apply(
      "Conv",
      [x, Self.taps(&graph, "\(name).taps", kernel: kernel, channels: channels, value: 1)],
      [
        "group": .integer(channels), "strides": .integers([stride, stride]),
        "pads": .integers([1, 1, 1, 1]),
      ], name: "\(name).maps")
    let length = channels * kernel * kernel
    return graph.apply(
      "Reshape", [maps, graph.constant("\(name).shape", integers: [0, length, -1])], name: name)
  }

  /// For each channel one kernel for each tap, with `value` there and zeros elsewhere.
  private static func taps(
    _ graph: inout ONNXGraph, _ name: String, kernel: Int, channels: Int, value: Float
  ) -> ONNXValue {
    let count = kernel * kernel
    let elements = (0..<channels * count * count).map { index in
      index % count == index / count % count ? value : 0
    }
    return graph.constant(name, elements, shape: [channels * count, 1, kernel, kernel])
  }
}

/// Sizes of the grid of places, known when the graph runs.
private struct PlaceGrid {
  /// H and W, [2].
  let full: ONNXValue
  /// H / 2 and W / 2, [2].
  let half: ONNXValue
  /// W / 2 and H / 2, [2].
  let flipped: ONNXValue
  /// P, [1].
  let count: ONNXValue

  init(of x: ONNXValue, _ graph: inout ONNXGraph) {
    let shape = graph.apply("Shape", [x], name: "\(x.name).shape")
    full = graph.apply(
      "Slice",
      [
        shape, graph.constant("sizes.first", integers: [2]),
        graph.constant("sizes.end", integers: [4]),
      ], name: "\(x.name).size")
    half = graph.apply(
      "Div", [full, graph.constant("sizes.two", integers: [2])], name: "\(x.name).half")
    flipped = graph.apply(
      "Gather", [half, graph.constant("sizes.flip", integers: [1, 0])], name: "\(x.name).flipped")
    count = graph.apply(
      "ReduceProd", [half], ["keepdims": .integer(1)], name: "\(x.name).places")
  }
}
