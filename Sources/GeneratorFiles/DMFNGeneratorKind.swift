import Checkpoints
import Layers
import Models
import Running

extension GeneratorKind {
  /// DMFN's generator under its published names.
  ///
  /// Attention and the kind of interpolation have no parameters: the file's metadata tell of them.
  static let dmfn = GeneratorKind(
    name: "dmfn",
    sign: "encoder.0.conv.weight of shape [width, 4, 5, 5] and blocks that are numbered from 0",
    recognises: { file in
      // Sizes are believed only as far as the file has the numbers that belong to them.
      guard let first = file["encoder.0.conv.weight"], first.shape.count == 4,
        file.canHold(width: first.shape[0]), Array(first.shape.dropFirst()) == [4, 5, 5]
      else { return false }
      let numbers = blockNumbers(file)
      return numbers == Set(0..<numbers.count)
    },
    drawsVariants: { noiseCount($0) > 0 },
    read: { file, _ in
      let generator = Generator(
        GeneratorSettings(
          width: try file.tensor("encoder.0.conv.weight").shape[0],
          blocks: blockNumbers(file).count,
          block: file["blocks.0.k2.weight"] == nil ? .released : .paper,
          attention: file.metadata["model.attention"] == "true",
          upsampling: try upsampling(file), noise: noiseCount(file)),
        initializer: .none)
      try generator.readParameters(from: file)
      return generator
    })

  private static func noiseCount(_ file: TensorFile) -> Int {
    file["noise.0.weight"].flatMap { $0.shape.count == 2 ? $0.shape[1] : nil } ?? 0
  }

  /// How the decoder doubles sizes: a transposed convolution where the file has its weights.
  private static func upsampling(_ file: TensorFile) throws -> UpsamplingKind {
    guard file["decoder.1.deconv.weight"] == nil, file["decoder.1.upconv.weight"] != nil else {
      return .transposed
    }
    let name = file.metadata["model.upsampling"] ?? ""
    guard let kind = UpsamplingKind(rawValue: name), kind != .transposed else {
      throw RunError(
        .badData,
        "\(file.path): has decoder.1.upconv.weight, but model.upsampling is \"\(name)\" in its "
          + "metadata, not nearest or bilinear; give the file as training has written it")
    }
    return kind
  }

  private static func blockNumbers(_ file: TensorFile) -> Set<Int> {
    Set(
      file.names.filter { $0.hasPrefix("blocks.") }
        .compactMap { $0.split(separator: ".").dropFirst().first.flatMap { Int($0) } })
  }
}
