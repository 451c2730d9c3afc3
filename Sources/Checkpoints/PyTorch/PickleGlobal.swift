/// The only names that a weight file may refer to; a pickle that names anything else is refused.
///
/// None of them is Python code that gets called: each stands for one way of describing a tensor or
/// a dictionary, which `PickleMachine` carries out itself.
enum PickleGlobal: Equatable {
  case orderedDictionary
  case size
  case rebuildTensor
  case rebuildTensorV2
  case rebuildParameter
  case rebuildParameterWithState
  case rebuildFromType
  /// `Parameter`, `Tensor` and, in old files, `Variable` and the like of `FloatTensor`.
  case tensorType
  case storageType(StoredElementType)

  /// Looks a name up; nil if it is not on the list.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch._utils", "_rebuild_parameter_with_state"): self = .rebuildParameterWithState
    case ("torch._tensor", "_rebuild_from_type_v2"): self = .rebuildFromType
    case ("torch.nn.parameter", "Parameter"), ("torch.nn.parameter", "Buffer"),
      ("torch", "Tensor"), ("torch.autograd.variable", "Variable"):
      self = .tensorType
    case ("torch", _), ("torch.cuda", _):
      for (prefix, elementType) in Self.elementTypes {
        if name == prefix + "Storage" {
          self = .storageType(elementType)
          return
        }
        if name == prefix + "Tensor" {
          self = .tensorType
          return
        }
      }
      return nil
    default: return nil
    }
  }

  private static let elementTypes: [(String, StoredElementType)] = [
    ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
    ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
    ("Bool", .bool),
  ]
}
