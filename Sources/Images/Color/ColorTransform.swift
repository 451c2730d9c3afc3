import CColorManagement
import Synchronization

/// Turns values of one profile into values of another, through Little CMS (perceptual intent).
package final class ColorTransform: @unchecked Sendable {
  /// How pixels lie in memory.
  struct Format: Hashable {
    let colors: ColorProfile.Colors
    var hasAlpha = false
    /// 1 or 2.
    var bytesPerChannel = 1

    fileprivate var codecFormat: ccolor_format {
      ccolor_format(
        colours: colors.rawValue, alpha: hasAlpha ? 1 : 0, bytes: Int32(bytesPerChannel))
    }

    var channels: Int { Int(colors.rawValue) + (hasAlpha ? 1 : 0) }
  }

  // Nothing changes it; the library allows several threads to use one.
  private let handle: ccolor_transform_t

  private init?(
    _ source: ColorProfile?, _ sourceFormat: Format, _ target: ColorProfile?,
    _ targetFormat: Format
  ) {
    var handle: ccolor_transform_t?
    let status = ccolor_transform_create(
      source?.bytes, source?.bytes.count ?? 0, sourceFormat.codecFormat, target?.bytes,
      target?.bytes.count ?? 0, targetFormat.codecFormat, &handle)
    guard status == 0, let handle else { return nil }
    self.handle = handle
  }

  deinit { ccolor_transform_destroy(handle) }

  /// The transform between two profiles, nil standing for sRGB; nil where Little CMS cannot make it.
  ///
  /// Transforms are kept: pictures of one camera share a profile.
  static func between(
    _ source: ColorProfile?, _ sourceFormat: Format, and target: ColorProfile?,
    _ targetFormat: Format
  ) -> ColorTransform? {
    let key = Key(
      source: source, sourceFormat: sourceFormat, target: target, targetFormat: targetFormat)
    if let kept = kept.withLock({ $0[key] }) { return kept.transform }
    let made = Kept(ColorTransform(source, sourceFormat, target, targetFormat))
    kept.withLock { transforms in
      if transforms.count >= keptLimit { transforms.removeAll() }
      transforms[key] = made
    }
    return made.transform
  }

  /// Converts `pixels` pixels.
  func convert<Source, Target>(
    _ source: [Source], to target: UnsafeMutablePointer<Target>, pixels: Int
  ) {
    source.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      ccolor_transform_apply(handle, base, target, pixels)
    }
  }

  /// Converts pixels of the source's format.
  func converted<Source, Target: FixedWidthInteger>(
    _ source: [Source], pixels: Int, channels: Int, as type: Target.Type
  ) -> [Target] {
    [Target](unsafeUninitializedCapacity: pixels * channels) { buffer, count in
      if let base = buffer.baseAddress { convert(source, to: base, pixels: pixels) }
      count = pixels * channels
    }
  }

  private struct Key: Hashable {
    let source: ColorProfile?
    let sourceFormat: Format
    let target: ColorProfile?
    let targetFormat: Format
  }

  /// A transform, or the knowledge that there is none.
  private struct Kept: Sendable {
    let transform: ColorTransform?
    init(_ transform: ColorTransform?) { self.transform = transform }
  }

  private static let keptLimit = 32
  private static let kept = Mutex<[Key: Kept]>([:])
}

extension ColorProfile {
  /// Whether a picture's values may pass for sRGB: no colour of a grid changes by more than one.
  package var isNearlySRGB: Bool {
    guard colors == .rgb else { return false }
    if let known = Self.known.withLock({ $0[self] }) { return known }
    let steps = stride(from: UInt8(0), through: 255, by: 15)
    let grid = steps.flatMap { red in
      steps.flatMap { green in steps.flatMap { blue in [red, green, blue] } }
    }
    let format = ColorTransform.Format(colors: .rgb)
    let isNear =
      ColorTransform.between(self, format, and: nil, format).map { transform in
        let converted = transform.converted(
          grid, pixels: grid.count / 3, channels: 3, as: UInt8.self)
        return zip(grid, converted).allSatisfy { abs(Int($0) - Int($1)) <= 1 }
      } ?? false
    Self.known.withLock { known in
      if known.count >= 64 { known.removeAll() }
      known[self] = isNear
    }
    return isNear
  }

  private static let known = Mutex<[ColorProfile: Bool]>([:])
}
