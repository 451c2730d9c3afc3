package import Interchange

/// A generator that makes pictures from latent vectors and can be written as an ONNX file.
package protocol ExportableLatentGenerator: ExportableNetwork {
  /// Numbers of a latent vector.
  var latentCount: Int { get }

  /// Adds the generator's layers to a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - latent: [N, latentCount].
  /// - Returns: RGB in [-1, 1], [N, 3, H, W], under the name `image`.
  func addLayers(to graph: inout ONNXGraph, latent: ONNXValue) -> ONNXValue
}

extension ExportableLatentGenerator {
  /// The generator as an ONNX file.
  ///
  /// The input is `latent`, [N, latentCount], the output `image`, RGB in [-1, 1], [N, 3, H, W].
  ///
  /// - Parameter producerVersion: The version of this program.
  /// - Returns: The file's bytes.
  package func onnxModel(producerVersion: String) -> [UInt8] {
    var graph = ONNXGraph()
    let latent = graph.input(
      "latent", [.dynamic("batch"), .fixed(latentCount)],
      about: "numbers of the normal distribution")
    let image = addLayers(to: &graph, latent: latent)
    graph.output(
      image, [.dynamic("batch"), .fixed(3), .dynamic("height"), .dynamic("width")],
      about: "RGB in [-1, 1]")
    return graph.model(
      name: "\(kindName) generator", producerVersion: producerVersion,
      about: """
        Makes pictures. latent: numbers of the normal distribution, [N, \(latentCount)]; image: RGB in \
        [-1, 1], [N, 3, H, W].
        """,
      metadata: exportedFacts)
  }
}
