package import TensorCore

/// A rectangle of up to half the image's sides, at a random place or in the middle.
///
/// The local crop has half the sides and is drawn first, its top and left uniform over all places
/// inside the image. The hole is the crop shrunk on all four edges: by h rows at the top and at the
/// bottom and w columns at the left and at the right, h and w independent and uniform in
/// `0...Int(half * shrink / 2)`. Where half a side is even, so is the hole's.
///
/// - Reference: docs/models/dmfn.md 4.3.
package struct RectangleMask: MaskKind {
  /// Where the crop lies.
  package enum Placement: String, CaseIterable, Codable, Sendable {
    /// Anywhere inside the image.
    case random
    /// In the middle.
    case centre
  }

  /// Where the crop lies.
  package let placement: Placement
  /// The largest part of the crop's sides that is taken away, in 0..<1.
  package let shrink: Double

  /// Rectangles at a place and with a shrink.
  package init(placement: Placement = .random, shrink: Double = 0.25) {
    precondition((0..<1).contains(shrink), "a hole cannot shrink by \(shrink)")
    (self.placement, self.shrink) = (placement, shrink)
  }

  /// The centred rectangle with half the image's sides that evaluations use.
  package static let centre = RectangleMask(placement: .centre, shrink: 0)

  package func mask(
    for subject: MaskSubject, using random: inout CounterBasedRandom
  ) -> HoleMask {
    var box = subject.centredBox
    if placement == .random {
      box.top = random.integer(in: 0...subject.height - box.height)
      box.left = random.integer(in: 0...subject.width - box.width)
    }
    let h = random.integer(in: 0...Int(Double(box.height) * shrink / 2))
    let w = random.integer(in: 0...Int(Double(box.width) * shrink / 2))
    let hole = Rectangle(
      top: box.top + h, left: box.left + w, height: box.height - 2 * h, width: box.width - 2 * w)
    return HoleMask(width: subject.width, height: subject.height, hole: hole, box: box)
  }
}
