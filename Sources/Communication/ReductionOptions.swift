/// How float32 gradients travel between ranks.
///
/// Both formats give the same bits at every rank count.
package enum WireFormat: String, CaseIterable, Sendable {
  /// As they are.
  case float32
  /// Each replica's gradient is rounded once to bfloat16, ties to even, then summed in float32.
  ///
  /// Rounding is part of the arithmetic and happens at every rank count. A message holds two-byte
  /// numbers where it carries single replicas, that is in the first exchange of a run with as many
  /// ranks as replicas; sums of two and more replicas need all bits of float32 and travel so. The
  /// traffic of P ranks falls to 3/4 (P = 2), 5/6 (4), 6/7 (8) of float32's, and stays the same with
  /// fewer ranks than replicas.
  case bfloat16
}

/// Who adds the gradients of different ranks.
package enum ReductionMode: String, CaseIterable, Sendable {
  /// The canonical tree: the same bits at every rank count.
  case canonical
  /// `MPI_Iallreduce`: an order of the library's choice, for comparison only.
  case fast
}
