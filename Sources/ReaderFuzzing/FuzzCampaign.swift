import Foundation
import TensorCore

/// Many damaged files for every reader, each a function of a seed and its number.
package struct FuzzCampaign {
  private let targets: [FuzzTarget]
  private let seed: UInt64

  /// Prepares the readers.
  ///
  /// - Parameters:
  ///   - fixtures: The folder `Tests/Fixtures`.
  ///   - folder: An empty folder for files.
  ///   - seed: Chooses the damages.
  /// - Throws: What is wrong with the fixtures or the folder.
  package init(fixtures: String, folder: String, seed: UInt64) throws {
    targets =
      try imageTargets(fixtures: fixtures, folder: folder)
      + listTargets(folder: "\(folder)/celeba") + weightTargets(fixtures: fixtures)
      + shardTargets(fixtures: fixtures, folder: "\(folder)/shards")
    self.seed = seed
  }

  /// Names of the readers; case `number` goes to the one at `number % names.count`.
  package var names: [String] { targets.map(\.name) }

  /// The damaged file of a case.
  package func bytes(ofCase number: Int) -> [UInt8] {
    var random = CounterBasedRandom(seed: seed, purpose: .test, sample: number)
    let target = targets[number % targets.count]
    func seedFile() -> [UInt8] { target.seeds[random.integer(in: 0...target.seeds.count - 1)] }
    let (original, other) = (seedFile(), seedFile())
    let damaged = Mutator(tokens: target.tokens).mutated(original, other: other, using: &random)
    return random.integer(in: 0...1) == 0 ? damaged : target.repair(damaged)
  }

  /// Gives a damaged file to its reader.
  ///
  /// - Returns: Whether the reader took it for whole.
  /// - Throws: An error that the reader should not throw.
  package func run(case number: Int) throws -> Bool {
    try targets[number % targets.count].accepts(bytes(ofCase: number))
  }

  /// Gives the whole files to their readers.
  ///
  /// - Returns: Names of readers that refuse one of their whole files.
  /// - Throws: An error that a reader should not throw.
  package func readersThatRefuseWholeFiles() throws -> [String] {
    try targets.filter { target in try !target.seeds.allSatisfy(target.accepts) }.map(\.name)
  }
}
