import Checkpoints

/// What a generator can be asked for.
package struct GeneratorAbilities: Sendable, Equatable {
  /// It fills holes.
  package let fills: Bool
  /// It fills one hole in several ways.
  package let drawsVariants: Bool
  /// It makes pictures from random vectors alone.
  package let samples: Bool

  /// Those of a file, as names and shapes of its tensors tell without reading the generator.
  ///
  /// - Throws: What is wrong with the file's format; `RunError` where it cannot be opened, or holds several
  ///   generators or none that is known.
  package init(ofFile path: String, entry: String? = nil) throws {
    let (kind, file) = try knownGenerator(inFile: path, entry: entry)
    samples = kind.samples
    fills = !samples
    drawsVariants = kind.drawsVariants(file)
  }

  /// Those of a generator that makes one filling of a hole.
  package static let filling = GeneratorAbilities(
    fills: true, drawsVariants: false, samples: false)

  private init(fills: Bool, drawsVariants: Bool, samples: Bool) {
    (self.fills, self.drawsVariants, self.samples) = (fills, drawsVariants, samples)
  }
}
