internal import Files

/// Weights from a file of any supported format: safetensors, PyTorch's zip format and its old
/// format.
package enum WeightFile {
  /// Reads the weights of a file; the format is recognised by its content, not by its name.
  ///
  /// The prefixes `module.` and `_orig_mod.`, which PyTorch's wrappers put before names, are
  /// removed. Views of shared or strided storages become tensors of their own shape. Entries that
  /// are not tensors, such as an epoch number, are left out.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - entry: For PyTorch files with several dictionaries of tensors, the key of the one to use,
  ///     dotted if nested. By default the one that holds tensors is found, `state_dict` and
  ///     `generator` before others. What is no key is what the names of tensors begin with.
  /// - Returns: The tensors in the order of the file.
  /// - Throws: `SystemCallError` if the file cannot be read; `TensorFileError` if it is damaged, of
  ///   another format, or refers to anything but tensors. No content of the file is ever run.
  package static func read(_ path: String, entry: String? = nil) throws -> TensorFile {
    try parse(FileBytes.read(path), path: path, entry: entry)
  }

  /// Reads weights that are in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: Where the bytes came from, for messages.
  ///   - entry: As in `read`.
  /// - Returns: The tensors in the order of the file.
  /// - Throws: `TensorFileError`.
  package static func parse(_ bytes: FileBytes, path: String, entry: String? = nil)
    throws(TensorFileError) -> TensorFile
  {
    let start = bytes.withUnsafeBytes { Array($0.prefix(16)) }
    if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      let tensors = try PyTorchFile.parseZip(bytes, path: path, entry: entry)
      return try withoutWrapperPrefixes(tensors, path: path)
    }
    // Before pickles: the length of a header may begin with the same bytes as a pickle.
    if start.count > 8, start[8] == UInt8(ascii: "{") {
      let file = try Safetensors.parse(bytes, path: path)
      let prefix = entry.map { "\($0)." } ?? ""
      let tensors = file.names.filter { $0.hasPrefix(prefix) }.compactMap { name in
        file[name].map { (name: String(name.dropFirst(prefix.count)), tensor: $0) }
      }
      guard !tensors.isEmpty || prefix.isEmpty else {
        throw TensorFileError(path: path, reason: "there is no entry \"\(entry ?? "")\"")
      }
      return try withoutWrapperPrefixes(tensors, path: path, metadata: file.metadata)
    }
    if start.count > 1, start[0] == 0x80, start[1] <= 5 {
      let tensors = try PyTorchFile.parseLegacy(bytes, path: path, entry: entry)
      return try withoutWrapperPrefixes(tensors, path: path)
    }
    if start.starts(with: "version https://".utf8) {
      throw TensorFileError(
        path: path, reason: "a Git LFS pointer, not the weights: run \"git lfs pull\"")
    }
    throw TensorFileError(
      path: path,
      reason: "neither safetensors nor a PyTorch file (zip, or the format of 2017)")
  }

  private static func withoutWrapperPrefixes(
    _ tensors: [(name: String, tensor: StoredTensor)], path: String,
    metadata: [String: String] = [:]
  ) throws(TensorFileError) -> TensorFile {
    let renamed = tensors.map { name, tensor in
      var rest = Substring(name)
      while let prefix = ["module.", "_orig_mod."].first(where: { rest.hasPrefix($0) }) {
        rest = rest.dropFirst(prefix.count)
      }
      return (name: String(rest), tensor: tensor)
    }
    return try TensorFile(path: path, tensors: renamed, metadata: metadata)
  }
}
