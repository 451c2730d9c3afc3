/// A reader of files, and whole files to begin with.
package struct FuzzTarget {
  /// Names the reader in reports.
  package let name: String
  /// Whole files, of which damaged ones are made.
  let seeds: [[UInt8]]
  /// Pieces of the format.
  let tokens: [[UInt8]]
  /// Makes checksums right again, so that damage gets past them; applied to every other file.
  let repair: @Sendable ([UInt8]) -> [UInt8]
  /// Reads a file; false where it was refused with an error that such a reader may throw.
  let accepts: ([UInt8]) throws -> Bool

  /// Describes a reader.
  ///
  /// - Precondition: There is a whole file.
  init(
    _ name: String, seeds: [[UInt8]], tokens: [String] = [],
    repair: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 },
    accepts: @escaping ([UInt8]) throws -> Bool
  ) {
    precondition(!seeds.isEmpty, "\(name): no file to begin with")
    (self.name, self.seeds, self.repair, self.accepts) = (name, seeds, repair, accepts)
    self.tokens = tokens.map { Array($0.utf8) }
  }
}
