import Communication
import Datasets
import Foundation
import Images
package import Running

/// Runs `inpaint pack`, telling on standard output how it goes.
///
/// - Parameters:
///   - source: The folder to pack.
///   - destination: The folder to make.
///   - shardMebibytes: Largest size of an archive in MiB.
///   - squares: Cuts centred squares and resizes them; nil stores the bytes of the source.
///   - skipsDamaged: Leaves out images that do not decode instead of stopping.
/// - Returns: `done`, or `stopped` where a signal asked for it: the same command goes on later.
/// - Throws: What is wrong with source or destination, naming the file.
package func packImages(
  _ source: String, to destination: String, shardMebibytes: Int,
  squares: (crop: Int, side: Int)?, skipsDamaged: Bool
) throws -> ExitStatus {
  try StopSignals.install()
  var settings = ShardPacker.Settings()
  settings.shardByteLimit = shardMebibytes << 20
  settings.preparation = squares.map { PackPreparation(crop: $0.crop, side: $0.side) }
  settings.damagedImages = skipsDamaged ? .skip : .stop
  let packer = try ShardPacker(source: source, destination: destination, settings: settings)
  let progress = CountProgress(total: packer.imageCount, noun: "images")
  let report: ShardPacker.Report?
  do {
    report = try packer.run(isStopped: { StopSignals.pending != nil }, progress: progress.update)
  } catch let error as ImageError where error.isDamage {
    throw RunError(
      .badData, "\(error); or pack without such images: --damaged skip")
  }
  progress.end()
  guard let report else {
    print("stopped; run the same command again to go on")
    return .stopped
  }
  for message in report.skipped.prefix(100) { print("left out: \(message)") }
  let earlier =
    report.earlierImageCount > 0 ? ", \(report.earlierImageCount) of them packed before" : ""
  let skipped = report.skipped.isEmpty ? "" : "; \(report.skipped.count) damaged ones left out"
  print(
    "\(report.imageCount) images in \(report.shardCount) shards of "
      + "\(report.byteCount >> 20) MiB in \(destination)\(earlier)\(skipped)")
  return .done
}

/// Runs `inpaint pack --verify`.
///
/// - Parameter directory: The folder of a packed data set.
/// - Throws: `DatasetError` where the index cannot be used, `RunError` naming all that is damaged.
package func verifyPack(_ directory: String) throws {
  let check = try ShardVerification(of: directory)
  guard check.problems.isEmpty else {
    let shown = check.problems.prefix(100).joined(separator: "\n")
    throw RunError(
      .badData,
      check.problems.count == 1
        ? shown : "\(directory): \(check.problems.count) parts are damaged\n\(shown)")
  }
  print(
    "\(directory): \(check.imageCount) images in \(check.shardCount) shards of "
      + "\(check.byteCount >> 20) MiB, all checksums are right")
}
