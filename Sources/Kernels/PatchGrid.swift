import CKernels
import TensorCore

/// Square windows of feature maps at the places of a grid.
struct PatchGrid {
  private var shape: ckernels_patch_shape

  init(
    of maps: Shape, kernel: Int, stride: Int, padding: Int, rows: Int, columns: Int
  ) {
    shape = ckernels_patch_shape(
      height: maps[2], width: maps[3], channels: maps[1], kernel: kernel, stride: stride,
      padding: padding, rows: rows, columns: columns)
  }

  /// Elements of a patch: [kernel, kernel, channels].
  var length: Int { shape.kernel * shape.kernel * shape.channels }

  /// Patches of one picture, [number of places, length].
  func patches(of maps: Tensor, _ picture: Int, at places: [Int32]) -> Tensor {
    let p = FeaturePlanes(maps)
    let pixels = p.height * p.width
    let positions = Tensor(uninitialized: [pixels, shape.channels])
    ckernels_planes_to_positions(
      maps.pointer + picture * p.paddedChannels * pixels, shape.channels, pixels, p.lanes,
      positions.mutablePointer)
    let result = Tensor(uninitialized: [places.count, length])
    withUnsafePointer(to: shape) {
      ckernels_take_patches(
        $0, positions.pointer, places, places.count, result.mutablePointer)
    }
    return result
  }

  /// Writes the sum of overlapping patches to one picture.
  ///
  /// - Parameters:
  ///   - patches: [number of patches, length].
  ///   - slots: For each place the number of its patch; -1 for none.
  ///   - factor: Factor of every patch.
  ///   - output: Where the picture is written.
  ///   - picture: Its number.
  func lay(
    _ patches: Tensor, slots: [Int32], factor: Float, into output: Tensor, _ picture: Int
  ) {
    let p = FeaturePlanes(output)
    let pixels = p.height * p.width
    let positions = Tensor(uninitialized: [pixels, shape.channels])
    withUnsafePointer(to: shape) {
      ckernels_lay_patches($0, patches.pointer, slots, factor, positions.mutablePointer)
    }
    ckernels_positions_to_planes(
      positions.pointer, shape.channels, pixels, p.lanes,
      output.mutablePointer + picture * p.paddedChannels * pixels)
  }
}
