package import TensorCore

/// Half of the image is missing.
package struct HalfImageMask: MaskKind {
  /// Which half.
  package enum Half: String, CaseIterable, Codable, Sendable {
    case left
    case right
    case top
    case bottom
  }

  /// The missing half; nil draws one for each picture.
  package let half: Half?

  /// A fixed half, or a random one.
  package init(_ half: Half? = nil) { self.half = half }

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    let half = half ?? Half.allCases[random.integer(in: 0...Half.allCases.count - 1)]
    let (width, height) = (subject.width, subject.height)
    return HoleMask(width: width, height: height) { row, column in
      switch half {
      case .left: column < width / 2
      case .right: column >= width - width / 2
      case .top: row < height / 2
      case .bottom: row >= height - height / 2
      }
    }
  }
}
