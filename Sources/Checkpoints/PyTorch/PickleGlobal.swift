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
  /// A dictionary that makes values for keys that it lacks.
  case defaultDictionary
  /// Plain data that files hold beside tensors, such as a device, an element type, a set or a score;
  /// whatever is made of it is passed over.
  case plainData

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
    case ("collections", "defaultdict"): self = .defaultDictionary
    case _ where Self.plainTypes[module]?.contains(name) == true: self = .plainData
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

  /// Types whose values are data alone, by module.
  private static let plainTypes: [String: Set<String>] = {
    let builtins: Set = [
      "set", "frozenset", "bytes", "bytearray", "complex", "int", "float", "bool", "str", "list",
      "dict", "tuple", "range", "slice",
    ]
    let numpy: Set = ["_reconstruct", "scalar"]
    return [
      "__builtin__": builtins, "builtins": builtins, "_codecs": ["encode"],
      "collections": ["Counter", "deque"], "argparse": ["Namespace"],
      "datetime": ["datetime", "date", "timedelta"],
      "pathlib": ["PosixPath", "WindowsPath", "PurePosixPath", "Path"],
      "torch": [
        "device", "float32", "float64", "float16", "bfloat16", "float", "double", "half", "int8",
        "int16", "int32", "int64", "uint8", "bool", "complex64", "complex128", "strided",
        "contiguous_format", "channels_last", "preserve_format",
      ],
      "torch.serialization": ["_get_layout"], "numpy": ["dtype", "ndarray"],
      "numpy.core.multiarray": numpy, "numpy._core.multiarray": numpy,
    ]
  }()

  private static let elementTypes: [(String, StoredElementType)] = [
    ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
    ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
    ("Bool", .bool),
  ]
}
