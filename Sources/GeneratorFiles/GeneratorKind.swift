import Checkpoints
import Layers
import Models

/// A kind of generator as files of weights hold it: how it is recognised and read.
package struct GeneratorKind: Sendable {
  /// Its name on the command line, such as `dmfn`.
  package let name: String
  /// What tells it in a file, for messages.
  let sign: String
  /// The conventions that its weights may fit; none where there is one meaning only.
  var conventions: [String] = []
  /// Whether a file holds such a generator, as far as names and shapes of a few tensors tell.
  let recognises: @Sendable (TensorFile) -> Bool
  /// Whether it makes pictures from random vectors, and fills no holes.
  var samples = false
  /// Whether a file's generator fills one hole in several ways.
  var drawsVariants: @Sendable (TensorFile) -> Bool = { _ in false }
  /// A file's tensors under the names of the network's parameters, where it has others.
  var published: @Sendable (TensorFile) throws -> TensorFile = { $0 }
  /// Reads the generator, by a convention or by what the file says.
  let read:
    @Sendable (_ file: TensorFile, _ convention: String?) throws ->
      any Module & ExportableNetwork

  /// All kinds.
  package static let all = [dmfn, deepFill, dcgan]
}
