import TensorCore

/// Something with parameters: a layer, a block of layers or a network.
package protocol Module {
  /// All parameters, in the order of the published state_dict.
  var parameters: [Parameter] { get }
  /// All buffers, in the order of the published state_dict.
  var buffers: [Buffer] { get }
}

extension Module {
  package var buffers: [Buffer] { [] }
}
