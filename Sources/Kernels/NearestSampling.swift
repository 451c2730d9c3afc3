package import TensorCore

/// Which rows and columns a reduction by nearest sampling takes.
package enum NearestSampling: Sendable, Equatable {
  /// `floor(i n / m)`, PyTorch's rule.
  case floor
  /// `floor(i (n - 1) / (m - 1) + 1/2)`, TensorFlow's with aligned corners.
  case alignedCorners

  /// The `m` of `n` rows that are taken; in whole numbers, so that nothing is rounded.
  ///
  /// - Reference: docs/models/deepfill.md 2.1, step 2.
  package func indices(from n: Int, to m: Int) -> [Int] {
    switch self {
    case .floor: (0..<m).map { $0 * n / m }
    case .alignedCorners:
      (0..<m).map { index in
        let divisor = max(m - 1, 1)
        return (2 * index * (n - 1) + divisor) / (2 * divisor)
      }
    }
  }
}

extension Tensor {
  /// Some rows and columns of feature maps, [N, C, number of rows, number of columns].
  package func selecting(rows: [Int], columns: [Int]) -> Tensor {
    let p = FeaturePlanes(self)
    precondition(
      rows.allSatisfy { (0..<p.height).contains($0) }
        && columns.allSatisfy { (0..<p.width).contains($0) },
      "rows \(rows) and columns \(columns) leave \(shape)")
    let result = Tensor(
      uninitialized: [shape[0], shape[1], rows.count, columns.count], layout: layout)
    parallelFor(p.batch * p.planes) { plane in
      let source = pointer + plane * p.height * p.width * p.lanes
      var target = result.mutablePointer + plane * rows.count * columns.count * p.lanes
      for row in rows {
        for column in columns {
          target.update(from: source + (row * p.width + column) * p.lanes, count: p.lanes)
          target += p.lanes
        }
      }
    }
    return result
  }

  /// This tensor's rows and columns added to those of larger maps that are zero elsewhere: the
  /// gradient of `selecting`.
  package func spread(rows: [Int], columns: [Int], height: Int, width: Int) -> Tensor {
    let p = FeaturePlanes(self)
    let result = Tensor(uninitialized: [shape[0], shape[1], height, width], layout: layout)
    parallelFor(p.batch * p.planes) { plane in
      let target = result.mutablePointer + plane * height * width * p.lanes
      target.update(repeating: 0, count: height * width * p.lanes)
      var source = pointer + plane * p.height * p.width * p.lanes
      for row in rows {
        for column in columns {
          let place = target + (row * width + column) * p.lanes
          for lane in 0..<p.lanes { place[lane] += source[lane] }
          source += p.lanes
        }
      }
    }
    return result
  }
}
