import Checksums

/// How parameters lie in a flat gradient buffer, and how that buffer is cut into buckets.
///
/// Parameters come in the order in which backward finishes their gradients. A bucket is closed when
/// it has reached its size, so the first to be complete leaves first. A parameter is never divided
/// between buckets.
package struct BucketPlan: Equatable, Sendable {
  /// A parameter's name and number of elements.
  package struct Parameter: Equatable, Sendable {
    /// The name, for messages.
    package let name: String
    /// The number of elements.
    package let count: Int

    /// Describes a parameter.
    package init(name: String, count: Int) {
      self.name = name
      self.count = count
    }
  }

  /// A run of parameters whose gradients travel together.
  package struct Bucket: Equatable, Sendable {
    /// The numbers of the parameters.
    package let parameters: Range<Int>
    /// The elements in the flat buffer, alignment included.
    package let elements: Range<Int>
  }

  /// The parameters, in the order in which backward finishes their gradients.
  package let parameters: [Parameter]
  /// Where each parameter lies in the flat buffer; each start is aligned to 64 bytes.
  package let ranges: [Range<Int>]
  /// The bucket of each parameter.
  package let bucketOfParameter: [Int]
  /// The buckets, which cover the flat buffer without gaps.
  package let buckets: [Bucket]
  /// The size of the flat buffer.
  package let elementCount: Int
  /// The size that closes a bucket.
  package let bucketBytes: Int

  /// Cuts the gradients of `parameters` into buckets of at least `bucketBytes`, the last excepted.
  package init(parameters: [Parameter], bucketBytes: Int) {
    self.parameters = parameters
    self.bucketBytes = bucketBytes
    var ranges: [Range<Int>] = []
    var buckets: [Bucket] = []
    var bucketOfParameter: [Int] = []
    var first = 0
    var start = 0
    var end = 0
    for (index, parameter) in parameters.enumerated() {
      ranges.append(end..<end + parameter.count)
      bucketOfParameter.append(buckets.count)
      end += parameter.count
      end += -end & (FloatArena.alignment - 1)
      let isFull = (end - start) * MemoryLayout<Float>.stride >= bucketBytes
      if isFull || index == parameters.count - 1 {
        buckets.append(Bucket(parameters: first..<index + 1, elements: start..<end))
        (first, start) = (index + 1, end)
      }
    }
    self.ranges = ranges
    self.buckets = buckets
    self.bucketOfParameter = bucketOfParameter
    elementCount = end
  }

  /// A hash of names, sizes and cuts, for the agreement at start.
  package var fingerprint: UInt64 {
    var text = "\(bucketBytes)"
    for (parameter, bucket) in zip(parameters, bucketOfParameter) {
      text += "\n\(parameter.name) \(parameter.count) \(bucket)"
    }
    return xxHash64(Array(text.utf8))
  }
}
