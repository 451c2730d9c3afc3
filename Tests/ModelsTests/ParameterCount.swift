import Layers
import TensorCore

extension Module {
  /// Number of trained values.
  var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.elementCount } }
}
