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
