import CKernels

/// Calls a function once for every index in `0..<count`, on the pool of threads that oneDNN uses.
func parallelFor(_ count: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { body in
      ckernels_parallel_for(
        count,
        { index, context in
          context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
        }, UnsafeMutableRawPointer(mutating: body))
    }
  }
}

/// Copies rows of memory, which lie apart by strides in bytes, on that pool.
func parallelCopy(
  rows: Int, byteCount: Int, to target: UnsafeMutableRawPointer, stride targetStride: Int,
  from source: UnsafeRawPointer, stride sourceStride: Int
) {
  let partLength = 64 << 10
  let parts = (byteCount + partLength - 1) / partLength
  parallelFor(rows * parts) { index in
    let (row, begin) = (index / parts, index % parts * partLength)
    (target + row * targetStride + begin).copyMemory(
      from: source + row * sourceStride + begin, byteCount: min(partLength, byteCount - begin))
  }
}
