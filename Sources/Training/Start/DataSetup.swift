package import Configuration
package import Datasets
import Foundation
import Images

/// The data of a run: the training images, the held-out ones, and what is done to them.
package struct DataSetup {
  /// The training images.
  package let training: any ImageSource
  /// The images of the validation part; nil where the data has none.
  package let validation: (any ImageSource)?
  /// Crop, size and holes.
  package let transform: SampleTransform

  /// Opens the data and looks at this rank's share of the images, so that unusable ones are found
  /// before step 1.
  ///
  /// - Throws: What is wrong with the data, naming the file.
  package init(_ configuration: RunConfiguration, rank: Int, worldSize: Int) throws {
    let data = configuration.data
    let layout = DatasetLayout(rawValue: data.format.rawValue) ?? .automatic
    training = try openImageSource(root: data.root, layout: layout, split: .train)
    if let problem = training.firstProblem(sampleLimit: 32) { throw problem }
    if let problem = ImageCheck(training).firstProblem(first: rank, stride: worldSize) {
      throw problem
    }
    do {
      validation = try openImageSource(root: data.root, layout: layout, split: .validation)
    } catch let error as DatasetError where error.code == .noImages {
      // A handful of pictures: none of them was held out.
      validation = nil
    }
    transform = SampleTransform(
      side: data.side, crop: data.crop, masks: try makeMasks(configuration.masks),
      seed: configuration.seed)
  }
}

/// The holes that a configuration asks for.
///
/// - Throws: What is wrong with the folder of mask files.
private func makeMasks(_ masks: MaskConfiguration) throws -> any MaskKind {
  let mixture = masks.mixture
  var parts: [(kind: any MaskKind, weight: Double)] = [
    (RectangleMask(placement: .random, shrink: masks.shrink), mixture.rectangle),
    (RectangleMask(placement: .centre, shrink: 0), mixture.centre),
    (BrushMask(), mixture.brush),
    (FacePartMask(), mixture.faceParts),
    (HalfImageMask(), mixture.half),
    (SurroundingMask(), mixture.border),
    (MosaicMask(), mixture.mosaic),
  ]
  if mixture.files > 0 {
    parts.append((DrawnMask(paths: try maskFiles(in: masks.files)), mixture.files))
  }
  let used = parts.filter { $0.weight > 0 }
  return used.count == 1 ? used[0].kind : MixedMask(used)
}

/// The PNG and JPEG files of a folder, by name.
private func maskFiles(in folder: String) throws -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  let pictures = names.filter { ImageFormat(extensionOf: $0) != nil }.sorted()
  guard !pictures.isEmpty else {
    throw RunError(
      .badData, "\(folder): no PNG or JPEG files; set masks.files to a folder of mask pictures")
  }
  return pictures.map { "\(folder)/\($0)" }
}
