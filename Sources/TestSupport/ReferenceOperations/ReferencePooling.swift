extension ReferenceTensor {
  /// The largest value of each 2x2 window, stride 2; an odd last row or column is left out.
  package func maxPooled() -> ReferenceTensor {
    mappingWindows { $0.reduce(-Double.infinity, max) }
  }

  /// The mean of each 2x2 window, stride 2; an odd last row or column is left out.
  package func averagePooled() -> ReferenceTensor {
    mappingWindows { $0.reduce(0, +) / 4 }
  }

  /// Values of another array at the place of the first largest value of each 2x2 window of this one.
  package func maxPoolSelecting(_ values: ReferenceTensor) -> ReferenceTensor {
    values.mappingWindows(ofBothWith: self) { values, deciding in
      var best = 0
      for index in 1..<4 where deciding[index] > deciding[best] { best = index }
      return values[best]
    }
  }

  /// The gradient of `maxPooled` by this array.
  package func maxPoolGradient(_ outputGradient: ReferenceTensor) -> ReferenceTensor {
    let places = maxPoolSelecting(ReferenceTensor(shape: shape) { Double($0) })
    var result = ReferenceTensor(repeating: 0, shape: shape)
    for (place, gradient) in zip(places.elements, outputGradient.elements) {
      result.elements[Int(place)] += gradient
    }
    return result
  }

  /// Every value in a 2x2 window: nearest-neighbour upsampling.
  package func upsampledNearest() -> ReferenceTensor {
    var result = ReferenceTensor(
      repeating: 0, shape: [shape[0], shape[1], 2 * shape[2], 2 * shape[3]])
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for h in 0..<2 * shape[2] {
          for w in 0..<2 * shape[3] { result[n, c, h, w] = self[n, c, h / 2, w / 2] }
        }
      }
    }
    return result
  }

  private func mappingWindows(_ function: ([Double]) -> Double) -> ReferenceTensor {
    mappingWindows(ofBothWith: self) { window, _ in function(window) }
  }

  private func mappingWindows(
    ofBothWith other: ReferenceTensor, _ function: ([Double], [Double]) -> Double
  ) -> ReferenceTensor {
    var result = ReferenceTensor(
      repeating: 0, shape: [shape[0], shape[1], shape[2] / 2, shape[3] / 2])
    let places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for h in 0..<shape[2] / 2 {
          for w in 0..<shape[3] / 2 {
            result[n, c, h, w] = function(
              places.map { self[n, c, 2 * h + $0.0, 2 * w + $0.1] },
              places.map { other[n, c, 2 * h + $0.0, 2 * w + $0.1] })
          }
        }
      }
    }
    return result
  }
}
