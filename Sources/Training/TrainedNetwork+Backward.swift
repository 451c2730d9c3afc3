import Autodiff
import Layers
import TensorCore

extension TrainedNetwork {
  /// Differentiates by the parameters and takes the gradients as backward finishes them: that by one
  /// parameter when all replicas of the graph have theirs, in the order of the replicas.
  ///
  /// - Parameters:
  ///   - sources: What is differentiated, each with the gradient that flows into it; nil stands for
  ///     one.
  ///   - replicas: How many replicas are in the graph; 1 for one alone, whichever it is.
  ///   - networks: Whose sums over the ranks move on meanwhile.
  ///   - sum: Must have been complete in all of the graph.
  /// - Throws: What went wrong between the ranks.
  func takeGradients(
    of sources: [(output: Variable, seed: Variable?)], replicas: Int = 1,
    polling networks: [TrainedNetwork], check sum: GlobalBatchSum? = nil
  ) throws {
    let parameters = targets
    var failure: (any Error)?
    var waiting = [[Int: [Tensor]]](repeating: [:], count: parameters.count)
    let targets = (0..<replicas).flatMap { replica in
      parameters.map { $0.variable(ofReplica: replica) }
    }
    handOutGradients(of: sources, by: targets) { [self] index, parts in
      guard failure == nil else { return }
      let (replica, target) = index.quotientAndRemainder(dividingBy: parameters.count)
      waiting[target][replica] = parts
      guard waiting[target].count == replicas else { return }
      do {
        for replica in 0..<replicas {
          try takeGradient(waiting[target].removeValue(forKey: replica) ?? [], ofTarget: target)
        }
        // Buckets of all networks: one's are under way while another goes on.
        for network in networks { try network.poll() }
      } catch {
        failure = error
      }
    }
    try sum?.check()
    if let failure { throw failure }
  }
}
