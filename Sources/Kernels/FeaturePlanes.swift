package import TensorCore

/// How a kernel sees feature maps of either layout: [batch][planes][height][width][lanes].
package struct FeaturePlanes {
  /// Images.
  package let batch: Int
  /// Channel blocks of an image; channels in the plain layout.
  package let planes: Int
  /// Rows.
  package let height: Int
  /// Columns.
  package let width: Int
  /// Channels that lie together.
  package let lanes: Int

  /// Reads the extents of feature maps, [N, C, H, W].
  package init(_ tensor: Tensor) {
    precondition(tensor.shape.axisCount == 4, "feature maps are [N, C, H, W], not \(tensor.shape)")
    lanes = tensor.layout.channelBlock
    batch = tensor.shape[0]
    planes = (tensor.shape[1] + lanes - 1) / lanes
    height = tensor.shape[2]
    width = tensor.shape[3]
  }

  /// Channels, those that only fill the last block included.
  package var paddedChannels: Int { planes * lanes }
}
