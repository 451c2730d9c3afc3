extension ReferenceTensor {
  /// The sum of two arrays of one shape.
  package static func + (a: ReferenceTensor, b: ReferenceTensor) -> ReferenceTensor {
    a.combined(with: b, +)
  }

  /// The difference of two arrays of one shape.
  package static func - (a: ReferenceTensor, b: ReferenceTensor) -> ReferenceTensor {
    a.combined(with: b, -)
  }

  /// The product of two arrays of one shape, element by element.
  package static func * (a: ReferenceTensor, b: ReferenceTensor) -> ReferenceTensor {
    a.combined(with: b, *)
  }

  /// An array times a number.
  package static func * (a: ReferenceTensor, factor: Double) -> ReferenceTensor {
    a.map { $0 * factor }
  }

  /// `hole a + (1 - hole) b`, where hole is [N, 1, H, W] and a and b are [N, C, H, W].
  package static func blend(
    hole: ReferenceTensor, _ a: ReferenceTensor, _ b: ReferenceTensor
  ) -> ReferenceTensor {
    let pixels = a.shape[2] * a.shape[3]
    return ReferenceTensor(shape: a.shape) {
      let share = hole.elements[$0 / pixels / a.shape[1] * pixels + $0 % pixels]
      return share * a.elements[$0] + (1 - share) * b.elements[$0]
    }
  }

  /// The sum of `|x - target| (1 + guide)`, where guide is [N, 1, H, W] or nil for zero.
  package func guidedL1(to target: ReferenceTensor, guide: ReferenceTensor?) -> Double {
    let pixels = shape[2] * shape[3]
    return elements.indices.reduce(0) { sum, index in
      let weight = guide?.elements[index / pixels / shape[1] * pixels + index % pixels] ?? 0
      return sum + abs(elements[index] - target.elements[index]) * (1 + weight)
    }
  }

  /// The product of two matrices: [M, K] x [K, N] -> [M, N].
  package func product(_ other: ReferenceTensor) -> ReferenceTensor {
    let (m, k, n) = (shape[0], shape[1], other.shape[1])
    precondition(k == other.shape[0], "a product of \(shape) and \(other.shape)")
    return ReferenceTensor(shape: [m, n]) { index in
      (0..<k).reduce(0) { sum, inner in
        sum + elements[index / n * k + inner] * other.elements[inner * n + index % n]
      }
    }
  }

  /// A matrix with rows and columns exchanged.
  package func transposed() -> ReferenceTensor {
    ReferenceTensor(shape: [shape[1], shape[0]]) {
      elements[$0 % shape[0] * shape[1] + $0 / shape[0]]
    }
  }

  /// A fully connected layer, `x W^T + b`, with weight [O, I] and bias [O].
  package func linear(weight: ReferenceTensor, bias: ReferenceTensor) -> ReferenceTensor {
    let product = product(weight.transposed())
    return ReferenceTensor(shape: product.shape) {
      product.elements[$0] + bias.elements[$0 % bias.shape[0]]
    }
  }
}
