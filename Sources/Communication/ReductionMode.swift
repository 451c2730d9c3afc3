/// Who adds the gradients of different ranks.
package enum ReductionMode: String, CaseIterable, Sendable {
  /// The canonical tree: the same bits at every rank count.
  case canonical
  /// `MPI_Iallreduce`: an order of the library's choice, for comparison only.
  case fast
}
