package import Checkpoints
import Layers
import Optimizers
import TensorCore

extension TrainedNetwork {
  /// Parameters and buffers by their published names.
  package var tensors: [NamedTensor] {
    publishedTensors(parameters, buffers, updates: optimizer.step)
  }

  /// The running average's parameters and buffers by their published names; nil where none is kept.
  package var averagedTensors: [NamedTensor]? {
    average.map { publishedTensors($0.parameters, $0.buffers, updates: optimizer.step) }
  }

  /// The optimiser's moments by the names of network and parameter.
  package var moments: [NamedTensor] {
    zip(arena.parameters, arena.ranges).flatMap { parameter, range in
      [("first_moment", optimizer.firstMoment), ("second_moment", optimizer.secondMoment)]
        .map { kind, moment in
          NamedTensor(
            name: "\(name).\(parameter.name).\(kind)", shape: parameter.shape.dimensions,
            bytes: UnsafeRawBufferPointer(
              start: moment.pointer + range.lowerBound, count: range.count * 4))
        }
    }
  }

  /// Takes parameters and buffers from a file.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - prefix: Parameters whose names begin with this keep their values where the file has none of
  ///     them; nil asks for all.
  /// - Throws: `TensorFileError` listing missing, unexpected and misshapen tensors.
  package func load(_ file: TensorFile, optional prefix: String? = nil) throws {
    let isAbsent = prefix.map { prefix in !file.names.contains { $0.hasPrefix(prefix) } } ?? false
    let wanted = parameters.filter { !isAbsent || !$0.name.hasPrefix(prefix ?? "") }
    try file.load(into: wanted, buffers)
  }

  /// Takes the optimiser's moments from a file.
  ///
  /// - Throws: `TensorMismatchError` listing missing, unexpected and misshapen moments.
  package func loadMoments(_ file: TensorFile) throws {
    let expected = moments.map { (name: $0.name, shape: $0.shape) }
    try file.match(expected, allowUnexpected: { !$0.hasPrefix("\(name).") })
    for (parameter, range) in zip(arena.parameters, arena.ranges) {
      let first = try file.floats("\(name).\(parameter.name).first_moment")
      let second = try file.floats("\(name).\(parameter.name).second_moment")
      optimizer.firstMoment.withUnsafeMutableFloats { $0.replace(range, with: first) }
      optimizer.secondMoment.withUnsafeMutableFloats { $0.replace(range, with: second) }
    }
  }
}

extension ParameterAverage {
  /// The name of the averages' file in a checkpoint.
  static let fileName = "generator-ema"

  /// Takes the averages from a file.
  ///
  /// - Throws: `TensorMismatchError` listing missing, unexpected and misshapen tensors.
  func load(_ file: TensorFile) throws { try file.load(into: parameters, buffers) }
}

/// Name of PyTorch's counter of batches in a batch norm, which strict loading expects.
private let batchCounter = "num_batches_tracked"

/// Parameters and buffers by their published names.
private func publishedTensors(
  _ parameters: [Parameter], _ buffers: [Buffer], updates: Int
) -> [NamedTensor] {
  var tensors = parameters.map { NamedTensor($0.name, $0.value) }
  for buffer in buffers {
    tensors.append(NamedTensor(buffer.name, buffer.value))
    guard buffer.name.hasSuffix("running_var") else { continue }
    let count = withUnsafeBytes(of: Int64(updates).littleEndian) { Array($0) }
    tensors.append(
      NamedTensor(
        name: buffer.name.replacing("running_var", with: batchCounter),
        stored: StoredTensor(elementType: .int64, shape: [], bytes: count)))
  }
  return tensors
}

extension TensorFile {
  /// Gives parameters and buffers the values of this file.
  ///
  /// - Throws: `TensorMismatchError` listing missing, unexpected and misshapen tensors.
  fileprivate func load(into parameters: [Parameter], _ buffers: [Buffer]) throws {
    var expected = parameters.map { (name: $0.name, shape: $0.shape.dimensions) }
    expected += buffers.map { (name: $0.name, shape: $0.value.shape.dimensions) }
    try match(expected, allowUnexpected: { $0.hasSuffix(batchCounter) })
    for parameter in parameters { parameter.setElements(try floats(parameter.name)) }
    for buffer in buffers {
      buffer.value = Tensor(try floats(buffer.name), shape: buffer.value.shape)
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  fileprivate func replace(_ range: Range<Int>, with values: [Float]) {
    precondition(range.count == values.count, "\(values.count) values for \(range.count) places")
    _ = UnsafeMutableBufferPointer(rebasing: self[range]).update(fromContentsOf: values)
  }
}

extension NamedTensor {
  /// A tensor of the plain layout, which must not change until its bytes have been copied or written.
  fileprivate init(_ name: String, _ tensor: Tensor) {
    self.init(
      name: name, shape: tensor.shape.dimensions,
      bytes: UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.shape.elementCount * 4))
  }
}
