package import Images
package import TensorCore

/// What one replica works on in one update.
package struct ReplicaBatch: Sendable {
  /// The replica.
  package let replica: Int
  /// The number of the batch in the run, from 0.
  package let number: Int
  /// Images, [N, 3, side, side] in [-1, 1].
  package let images: Tensor
  /// Holes, [N, 1, side, side]: 1 = hole, 0 = known.
  package let masks: Tensor
  /// The squares of half the side that the discriminator's local branch sees, one for each image.
  package let boxes: [Rectangle]
  /// Index of each image in its source.
  package let sampleIndices: [Int]
  /// Name of each image in its source.
  package let names: [String]

  /// Collects a batch.
  package init(
    replica: Int, number: Int = 0, images: Tensor, masks: Tensor, boxes: [Rectangle],
    sampleIndices: [Int],
    names: [String]
  ) {
    self.replica = replica
    self.number = number
    self.images = images
    self.masks = masks
    self.boxes = boxes
    self.sampleIndices = sampleIndices
    self.names = names
  }
}
