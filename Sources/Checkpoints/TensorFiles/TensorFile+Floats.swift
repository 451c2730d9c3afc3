extension TensorFile {
  /// The elements of a tensor as single-precision numbers.
  ///
  /// - Throws: `TensorFileError` where the tensor is not there.
  package func floats(_ name: String) throws -> [Float] { try tensor(name).floats() }
}
