import CBLAS

/// The Frechet distance of two normal distributions fitted to two sets of feature vectors.
///
/// `|m1 - m2|^2 + trace(C1 + C2 - 2 sqrt(C1 C2))` with the means m and the unbiased covariances C. The
/// trace of the root is that of the symmetric `sqrt(sqrt(C1) C2 sqrt(C1))`, whose eigenvalues LAPACK
/// computes in double precision.
///
/// - Parameters:
///   - a: Rows of `size` features, one after another; at least two.
///   - b: The same.
///   - size: Features of a vector.
/// - Returns: The distance, at least 0 but for rounding.
/// - Reference: Heusel et al. 2017, arXiv 1706.08500, equation 6.
package func frechetDistance(_ a: [Float], _ b: [Float], size: Int) -> Double {
  precondition(
    a.count >= 2 * size && b.count >= 2 * size && a.count % size == 0 && b.count % size == 0,
    "\(a.count) and \(b.count) values are no two sets of vectors of \(size)")
  let (first, second) = (NormalFit(a, size: size), NormalFit(b, size: size))
  let meanDistance = zip(first.mean, second.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let root = squareRoot(ofSymmetric: first.covariance, size: size)
  let inner = product(product(root, second.covariance, size: size), root, size: size)
  // Rounding has left the product a little unsymmetric, and eigenvalues of 0 a little negative.
  let eigenvalues = eigen(ofSymmetric: symmetrized(inner, size: size), size: size).values
  let rootTrace = eigenvalues.reduce(0) { $0 + max($1, 0).squareRoot() }
  return meanDistance + first.trace + second.trace - 2 * rootTrace
}

private struct NormalFit {
  let mean: [Double]
  let covariance: [Double]
  let trace: Double

  init(_ rows: [Float], size: Int) {
    let count = rows.count / size
    var mean = [Double](repeating: 0, count: size)
    for index in rows.indices { mean[index % size] += Double(rows[index]) }
    for index in mean.indices { mean[index] /= Double(count) }
    let centred = rows.indices.map { Double(rows[$0]) - mean[$0 % size] }
    var covariance = [Double](repeating: 0, count: size * size)
    cblas_bridge_multiply_double(
      1, 0, Int32(size), Int32(size), Int32(count), 1 / Double(count - 1), centred, centred, 0,
      &covariance)
    self.mean = mean
    self.covariance = covariance
    trace = (0..<size).reduce(0) { $0 + covariance[$1 * size + $1] }
  }
}

private func product(_ a: [Double], _ b: [Double], size: Int) -> [Double] {
  var result = [Double](repeating: 0, count: size * size)
  cblas_bridge_multiply_double(
    0, 0, Int32(size), Int32(size), Int32(size), 1, a, b, 0, &result)
  return result
}

private func symmetrized(_ matrix: [Double], size: Int) -> [Double] {
  matrix.indices.map { (matrix[$0] + matrix[$0 % size * size + $0 / size]) / 2 }
}

/// The symmetric root of a symmetric matrix without negative eigenvalues.
private func squareRoot(ofSymmetric matrix: [Double], size: Int) -> [Double] {
  let (values, vectors) = eigen(ofSymmetric: matrix, size: size)
  // Row i of `vectors` is eigenvector i: the root is the sum of sqrt(value) v v'.
  let scaled = vectors.indices.map { vectors[$0] * max(values[$0 / size], 0).squareRoot() }
  var result = [Double](repeating: 0, count: size * size)
  cblas_bridge_multiply_double(
    1, 0, Int32(size), Int32(size), Int32(size), 1, scaled, vectors, 0, &result)
  return result
}

/// Eigenvalues in ascending order, and the eigenvectors as rows.
private func eigen(
  ofSymmetric matrix: [Double], size: Int
) -> (values: [Double], vectors: [Double]) {
  var vectors = matrix
  var values = [Double](repeating: 0, count: size)
  let status = cblas_bridge_symmetric_eigen(Int32(size), &vectors, &values)
  precondition(status == 0, "LAPACK found no eigenvalues of a \(size)x\(size) matrix: \(status)")
  return (values, vectors)
}
