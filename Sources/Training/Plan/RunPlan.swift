package import Communication
import Configuration
import Datasets
import Foundation
import Images
import Kernels
package import Running

/// What a run would be: its data, networks, memory and time, measured with a few steps that are not kept.
struct RunPlan {
  let session: Session
  let measured: RunMeasurement
  /// Bytes that are free where the run folder will be; nil where nobody knows.
  let freeBytes: Int?
  /// Bytes of memory of this machine.
  let memoryBytes = Int(ProcessInfo.processInfo.physicalMemory)

  var configuration: RunConfiguration { session.configuration }

  /// Seconds of the whole run.
  var seconds: Double {
    let (steps, validation) = (configuration.training.steps, configuration.validation)
    let validations = validation.every > 0 ? steps / validation.every : 0
    return Double(steps) * measured.secondsPerStep
      + Double(validations) * measured.secondsPerValidation
  }

  /// How often each picture is seen.
  var epochs: Double {
    Double(configuration.training.steps * session.imagesPerStep)
      / Double(max(1, session.data.training.count))
  }

  /// Checkpoints that stay.
  var checkpointCount: Int {
    let (checkpoint, steps) = (configuration.checkpoint, configuration.training.steps)
    let all = (steps + checkpoint.every - 1) / checkpoint.every
    let kept =
      checkpoint.keepLast + checkpoint.keepBest
      + (checkpoint.keepEvery > 0 ? steps / checkpoint.keepEvery : 0)
    return min(all, kept)
  }

  /// Bytes of all that stay, and of one that is being written.
  var checkpointSpace: Int { (checkpointCount + 1) * measured.checkpointBytes }
}

/// Runs `inpaint plan`, and `inpaint train --dry-run` on its ranks: nothing is written but the sheet.
///
/// - Parameters:
///   - request: What would be trained.
///   - sheet: The picture to write: the first training pictures with their holes; nil writes none.
///   - listsParameters: Whether each parameter is listed with its shape.
///   - communicator: The ranks that the run would have.
/// - Returns: `done`.
/// - Throws: On every rank, what keeps the run from being started.
package func plan(
  _ request: TrainingRequest, sheet: String?, listsParameters: Bool, communicator: any Communicator
) throws -> ExitStatus {
  StartGuard.leaveOnRequest(rank: communicator.rank)
  defer { StartGuard.finish() }
  let session = try Session(request, communicator: communicator)
  if let sheet {
    try communicator.together {
      if communicator.isRoot { try session.trainingSheet().write(to: sheet) }
    }
  }
  let backend = session.configuration.training.convolution
  let measured = try ConvolutionBackend.$current.withValue(backend) {
    try RunMeasurement(session)
  }
  guard communicator.isRoot else { return .done }
  let plan = RunPlan(
    session: session, measured: measured, freeBytes: session.directory.freeByteCount)
  print(plan.text(listsParameters: listsParameters))
  if let sheet { print("\nfirst pictures with their holes: \(sheet)") }
  return .done
}

extension Session {
  /// The pictures of the first batches as training sees them, and below them their holes.
  fileprivate func trainingSheet() throws -> Image {
    let fillsHoles = configuration.model.kind.fillsHoles
    let count = min(24, data.training.count)
    let samples = try (0..<count).map { place in
      let index = sampler.samples(step: 0, replica: 0)
      let image = index[place % index.count].sampleIndex
      // One picture of the first batch in several epochs shows what changes from one to the next.
      return try data.transform(
        data.training.image(at: image), landmarks: data.training.landmarks(of: image),
        epoch: place / index.count, sample: image)
    }
    let columns = 8
    let rows = stride(from: 0, to: count, by: columns).flatMap { first -> [ImageGrid.Row] in
      let part = samples[first..<min(first + columns, count)]
      return [ImageGrid.Row("picture", part.map(\.image))]
        + (fillsHoles
          ? [ImageGrid.Row("hole", part.map { $0.hole.painted(on: $0.image, value: 128) })] : [])
    }
    return ImageGrid(title: "\(configuration.experiment): training pictures", rows: rows).image()
  }
}

extension RunDirectory {
  /// Bytes that are free where the folder is, or where it will be made; nil where nobody knows.
  fileprivate var freeByteCount: Int? {
    var folder = URL(fileURLWithPath: path)
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      folder.deleteLastPathComponent()
    }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
  }
}
