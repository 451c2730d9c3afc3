import Checksums
import Communication
import Configuration
package import Datasets
import Foundation
import Running

extension TrainingRequest {
  /// The configuration that all ranks were started with; collective.
  ///
  /// Rank 0's counts. A rank on whose machine the file is not there compares only what `--set` makes
  /// of it.
  ///
  /// - Throws: On every rank, what is wrong with the configuration, or each key and option that
  ///   differs, with its values and the ranks that have them.
  func agreedConfiguration(_ communicator: any Communicator) throws -> RunConfiguration {
    let text = try communicator.fromRoot {
      let loaded = try RunConfiguration.load(path: configuration, overrides: overrides)
      try loaded.validate(rankCount: communicator.worldSize)
      return Array(loaded.effectiveYAML().utf8)
    }
    let agreed = try RunConfiguration.parse(yaml: String(decoding: text, as: UTF8.self))
    let own = try communicator.together {
      Preset.named(configuration) != nil
        || FileManager.default.isReadableFile(atPath: configuration)
        ? try RunConfiguration.load(path: configuration, overrides: overrides)
        : try agreed.applying(overrides: overrides)
    }
    var agreement = StartAgreement()
    for (key, value) in own.values { agreement.add(key, value) }
    agreement.add("--run", runDirectory ?? "(default)")
    agreement.add("--resume", "\(resume)")
    agreement.add("--stop-after", stopAfter.map { "\($0)" } ?? "(none)")
    agreement.add("--max-time", timeLimit?.text ?? "(none)")
    agreement.add("--trace", trace ?? "(none)")
    agreement.add("--accept-other-bits", "\(acceptsOtherBits)")
    try agreement.check(communicator)
    return agreed
  }
}

extension ImageSource {
  /// A hash of the bytes of a few images, spread over all: the index knows names alone, and two
  /// machines may have different pictures under one name.
  ///
  /// - Throws: What is wrong with an image.
  package func spotHash(count: Int = 16) throws -> UInt64 {
    try (0..<min(count, self.count)).reduce(0) { hash, place in
      try encodedImage(at: place * self.count / min(count, self.count)).withUnsafeBytes {
        xxHash64($0, seed: hash)
      }
    }
  }
}
