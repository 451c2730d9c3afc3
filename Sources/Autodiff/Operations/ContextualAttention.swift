package import Kernels
import TensorCore

/// Feature maps rebuilt from their own patches: see `ContextualAttention`.
struct RebuildFromPatches: Operation {
  let attention: ContextualAttention
  let attended: (@Sendable ([Int32]) -> Void)?

  struct Saved: Sendable {
    let inputs: [Variable]
    let kept: ContextualAttention.Kept?
  }

  /// Up to this many places, those of pictures of 512 x 512, weights are kept rather than computed again.
  static let keptPlaces = 4096

  func forward(_ inputs: [Variable]) -> (output: Tensor, saved: Saved) {
    let isRecorded = Recording.isOn && inputs.contains(where: \.requiresGradient)
    let (output, kept) = attention.rebuilt(
      match: inputs[0].value, source: inputs[1].value,
      keeps: isRecorded && attention.valid.shape[1] <= Self.keptPlaces, attended: attended)
    return (output, Saved(inputs: inputs, kept: kept))
  }

  func backward(_ outputGradient: Variable, _ saved: Saved, output: Variable?, needs: [Bool])
    -> [Variable?]
  {
    guard !Recording.isOn else {
      return gradientsThroughDefinition(saved.inputs, outputGradient, needs: needs) {
        attention.definition(match: $0[0], source: $0[1])
      }
    }
    let (match, source) = attention.gradients(
      match: saved.inputs[0].value, source: saved.inputs[1].value,
      outputGradient: outputGradient.value, kept: saved.kept, needs: (needs[0], needs[1]))
    return [match.map { Variable($0) }, source.map { Variable($0) }]
  }
}

extension Variable {
  /// This variable, [N, D, 2 h, 2 w], rebuilt from its own patches.
  ///
  /// - Parameters:
  ///   - match: What is compared, [N, C, h, w].
  ///   - attention: Which patches may be taken, and how they are compared.
  ///   - attended: Receives for each picture and place the place of the largest weight, [N * h * w];
  ///     -1 in a picture without valid places.
  /// - Returns: [N, D, 2 h, 2 w].
  package func rebuilt(
    matching match: Variable, by attention: ContextualAttention,
    attended: (@Sendable ([Int32]) -> Void)? = nil
  ) -> Variable {
    Variable.apply(RebuildFromPatches(attention: attention, attended: attended), [match, self])
  }
}

// MARK: - Definition

extension ContextualAttention {
  /// The operation in terms of others: what second derivatives go through.
  ///
  /// It takes several maps of [P, P] for each picture.
  package func definition(match: Variable, source: Variable) -> Variable {
    let pictures = (0..<match.shape[0]).map { picture in
      rebuilt(picture, match: match, source: source)
    }
    return Variable.concatenated(pictures).reshaped(to: source.shape)
  }

  /// One picture, [1, D * 2 h * 2 w].
  private func rebuilt(_ picture: Int, match: Variable, source: Variable) -> Variable {
    let (height, width) = (match.shape[2], match.shape[3])
    let count = height * width
    let q = match.gathered(
      windows(of: match.shape, picture, kernel: 3, stride: 1),
      shape: [9 * match.shape[1], count])
    let squares = (q * q).summed(along: 0)
    let lengths =
      switch norm {
      case .offset: (squares + 1e-4 * Float(q.shape[0])).squareRoot()
      case .clamped: ((squares + -1e-8).relu() + 1e-8).squareRoot()
      }
    let similarities = Variable.apply(
      MatrixProduct(transposesFirst: true),
      [q, q * lengths.reciprocal().repeated(q.shape[0], along: 0)])
    let fused = similarities.summedAlongDiagonals { place, step in
      (0..<count).contains(place + step) ? place + step : nil
    }.summedAlongDiagonals { place, step in
      let at = place % width * height + place / width + step
      return (0..<count).contains(at) ? at % height * width + at / height : nil
    }
    let valid = Variable(
      Tensor(
        Array(self.valid.elements[picture * count..<(picture + 1) * count]), shape: [1, count])
    ).repeated(count, along: 0)
    let weights = (fused * valid * scale).softmax() * valid
    let patches = windows(of: source.shape, picture, kernel: 4, stride: 2)
    let r = source.gathered(patches, shape: [16 * source.shape[1], count])
    let mixed = Variable.apply(MatrixProduct(transposesSecond: true), [r, weights])
    let pixels = source.shape.elementCount / source.shape[0]
    return mixed.scattered(
      patches.map { $0 < 0 ? $0 : $0 - picture * pixels }, shape: [1, pixels]) * 0.25
  }

  /// Indices of the windows of a picture, [C, kernel, kernel, P], with one row and column of padding.
  private func windows(of maps: Shape, _ picture: Int, kernel: Int, stride: Int) -> [Int] {
    let (height, width) = (maps[2], maps[3])
    var indices: [Int] = []
    for channel in 0..<maps[1] {
      for tap in 0..<kernel * kernel {
        for top in Swift.stride(from: -1, to: height - 1, by: stride) {
          for left in Swift.stride(from: -1, to: width - 1, by: stride) {
            let (row, column) = (top + tap / kernel, left + tap % kernel)
            let isInside = (0..<height).contains(row) && (0..<width).contains(column)
            indices.append(
              isInside ? ((picture * maps[1] + channel) * height + row) * width + column : -1)
          }
        }
      }
    }
    return indices
  }
}

extension Variable {
  /// `s[i, j]` and its two neighbours along the diagonal, [P, P], in an order of places.
  fileprivate func summedAlongDiagonals(_ neighbour: (_ place: Int, _ step: Int) -> Int?)
    -> Variable
  {
    let count = shape[0]
    func moved(_ step: Int) -> Variable {
      let places = (0..<count).map { neighbour($0, step) }
      return gathered(
        places.flatMap { row in
          places.map { column in
            guard let row, let column else { return -1 }
            return row * count + column
          }
        }, shape: shape)
    }
    return self + moved(-1) + moved(1)
  }

  /// The softmax of each row, [P, P].
  fileprivate func softmax() -> Variable {
    let (rows, columns) = (shape[0], shape[1])
    let values = value.elements
    let maxima = (0..<rows).map { values[$0 * columns..<($0 + 1) * columns].max() ?? 0 }
    let powers =
      (self - Variable(Tensor(maxima, shape: [rows, 1])).repeated(columns, along: 1))
      .exponential()
    return powers / powers.summed(along: 1).repeated(columns, along: 1)
  }
}
