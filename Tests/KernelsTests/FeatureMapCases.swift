import TensorCore
import TestSupport

/// The shapes and layouts that every kernel on feature maps is tested with.
enum FeatureMapCases {
  static let layouts: [Layout] = [.plain, .blocked(8), .blocked(16)]

  /// One image and several, one pixel, odd extents, channels that do and do not fill a block.
  static let shapes = [
    [1, 1, 2, 2], [1, 3, 5, 7], [3, 8, 4, 6], [2, 9, 3, 3], [1, 16, 7, 2], [2, 21, 6, 5],
    [1, 40, 9, 11],
  ]
}
