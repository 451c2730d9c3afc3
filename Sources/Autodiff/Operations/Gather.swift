package import TensorCore

/// Elements taken by an index table; a negative index gives zero.
struct Gather: Operation {
  let indices: [Int]
  let shape: Shape

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    let values = inputs[0].value.elements
    return (Tensor(indices.map { $0 < 0 ? 0 : values[$0] }, shape: shape), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ source: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(ScatterAdd(indices: indices, shape: source), [outputGradient.plain()])]
  }
}

/// Elements added up at the places of an index table; those with a negative index are left out.
struct ScatterAdd: Operation {
  let indices: [Int]
  let shape: Shape

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Shape) {
    var sums = [Float](repeating: 0, count: shape.elementCount)
    for (index, value) in zip(indices, inputs[0].value.elements) where index >= 0 {
      sums[index] += value
    }
    return (Tensor(sums, shape: shape), inputs[0].shape)
  }

  func backward(_ outputGradient: Variable, _ source: Shape, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    [Variable.apply(Gather(indices: indices, shape: source), [outputGradient.plain()])]
  }
}

extension Variable {
  /// Elements taken by an index into the row-major order for each of those of `shape`; a negative
  /// index gives zero.
  package func gathered(_ indices: [Int], shape: Shape) -> Variable {
    Variable.apply(Gather(indices: indices, shape: shape), [plain()])
  }

  /// Elements added up at an index into the row-major order of `shape` for each of this variable's;
  /// those with a negative index are left out.
  package func scattered(_ indices: [Int], shape: Shape) -> Variable {
    Variable.apply(ScatterAdd(indices: indices, shape: shape), [plain()])
  }
}
