import Communication
import Layers
import TensorCore

extension TrainedNetwork {
  /// Adds parameters, moments, average and buffers to a hash.
  func addState(to hash: inout StateHash) {
    for (parameter, range) in zip(arena.parameters, arena.ranges) {
      for (kind, memory) in arenaSizedState {
        memory.withUnsafeFloats {
          hash.add("\(name).\(parameter.name)\(kind)", UnsafeBufferPointer(rebasing: $0[range]))
        }
      }
    }
    for buffer in buffers {
      buffer.value.withUnsafeFloats { hash.add("\(name).\(buffer.name)", $0) }
    }
  }
}
