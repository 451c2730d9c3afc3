import Checkpoints
import Layers
import Models
import Running
import TensorCore

extension GeneratorKind {
  /// DeepFill's generator under the names of the PyTorch port or of the TensorFlow code.
  static let deepFill = GeneratorKind(
    name: "deepfill",
    sign: "coarse_generator.conv1.conv.weight of shape [width, 5, 5, 5]",
    conventions: DeepFillConvention.allCases.map(\.rawValue),
    recognises: { file in
      (width(ofPortFile: file) ?? width(ofTensorFlowFile: file)).map(file.canHold) ?? false
    },
    published: fromTensorFlow,
    read: { file, convention in
      let isTensorFlow = width(ofPortFile: file) == nil
      let chosen = convention ?? file.metadata["model.compat"] ?? (isTensorFlow ? "tf" : "torch")
      guard let convention = DeepFillConvention(rawValue: chosen) else {
        throw RunError(
          .badData, "\(file.path): model.compat is \"\(chosen)\" in its metadata, not torch or tf")
      }
      let settings = DeepFillGeneratorSettings(
        width: width(ofPortFile: file) ?? width(ofTensorFlowFile: file) ?? 0,
        convention: convention)
      let generator = DeepFillGenerator(settings, initializer: .none)
      try generator.readParameters(from: fromTensorFlow(file))
      return generator
    })

  private static func width(ofPortFile file: TensorFile) -> Int? {
    guard let shape = file["coarse_generator.conv1.conv.weight"]?.shape, shape.count == 4,
      Array(shape.dropFirst()) == [5, 5, 5]
    else { return nil }
    return even(shape[0])
  }

  private static func width(ofTensorFlowFile file: TensorFile) -> Int? {
    let name = "inpaint_net/conv1/kernel"
    guard let shape = (file[name] ?? file["\(name):0"])?.shape, shape.count == 4,
      Array(shape.dropLast()) == [5, 5, 5]
    else { return nil }
    return even(shape[3])
  }

  private static func even(_ width: Int) -> Int? {
    width > 0 && width.isMultiple(of: 2) ? width : nil
  }

  /// The tensors of a file with TensorFlow's names under ours, in our layout and for RGB.
  ///
  /// Tensors outside `inpaint_net`, such as critics and optimiser state, are left out. A file with our
  /// names stays as it is.
  ///
  /// - Parameter file: Names with or without `:0` at the end.
  /// - Returns: The network's parameters, and others of `inpaint_net` under their own names.
  /// - Throws: `TensorFileError` where two variables become one parameter.
  @Sendable private static func fromTensorFlow(_ file: TensorFile) throws -> TensorFile {
    guard width(ofPortFile: file) == nil else { return file }
    let network = DeepFillGenerator(
      DeepFillGeneratorSettings(width: 2), initializer: .none)
    let ours = Dictionary(
      uniqueKeysWithValues: network.parameters.compactMap { parameter in
        DeepFillTensorFlowNames.variable(of: parameter.name).map { ($0, parameter.name) }
      })
    var tensors: [(name: String, tensor: StoredTensor)] = []
    for name in file.names where name.hasPrefix("inpaint_net/") {
      let stored = try file.tensor(name)
      let variable = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
      guard let parameter = ours[variable] else {
        tensors.append((name, stored))
        continue
      }
      let converted = DeepFillTensorFlowNames.converted(
        Tensor(stored.floats(), shape: Shape(stored.shape)), to: parameter)
      tensors.append(
        (
          parameter,
          StoredTensor(floats: converted.elements, shape: converted.shape.dimensions)
        ))
    }
    return try TensorFile(path: file.path, tensors: tensors, metadata: file.metadata)
  }
}
