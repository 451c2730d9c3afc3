/// A generator of any kind that can be written as an ONNX file.
package protocol ExportableNetwork {
  /// The model's name, such as `DMFN`.
  var kindName: String { get }
  /// Facts about its size that programs may read from the file.
  var exportedFacts: KeyValuePairs<String, String> { get }

  /// The network as an ONNX file.
  ///
  /// - Parameter producerVersion: The version of this program.
  /// - Returns: The file's bytes.
  func onnxModel(producerVersion: String) -> [UInt8]
}
