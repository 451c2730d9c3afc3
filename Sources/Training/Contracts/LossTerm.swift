import Autodiff
import TensorCore

/// One term of the losses of an update: declared once, reported by its name, weighted alike everywhere.
package struct LossTerm: Hashable, Sendable {
  /// What the term is to the networks of its update.
  package enum Role: Sendable {
    /// A loss of the picture alone: its gradient flows straight into the picture.
    case picture
    /// A loss of what the discriminator says of the picture: its gradient flows through that judgement.
    case judgement
    /// A loss of the discriminator itself.
    case discriminator
    /// A number that is reported and has no gradient of its own, such as the weighted sum of others.
    case report
  }

  /// Its name in `metrics.jsonl` and in messages, such as `adversarial`.
  package let name: String
  /// What its value is multiplied by before it is differentiated.
  package let weight: Float
  /// What it is to the networks.
  package let role: Role

  /// Declares a term.
  package init(_ name: String, weight: Float = 1, _ role: Role) {
    (self.name, self.weight, self.role) = (name, weight, role)
  }

  /// The same term with its weight multiplied.
  func scaled(by factor: Float) -> LossTerm { LossTerm(name, weight: weight * factor, role) }
}

/// The names and values of one replica's losses, in the order in which they are reported.
package typealias LossTerms = [(name: String, value: Double)]

/// A term with its value in one replica's graph.
struct LossValue {
  let term: LossTerm
  /// A scalar, [].
  let value: Variable

  /// The value without its weight.
  var number: Double { Double(value.value.scalar) }

  /// What is differentiated: the value, with its weight as the gradient that flows into it.
  var source: (output: Variable, seed: Variable?) { (value, Variable(Tensor(term.weight))) }
}

extension [LossValue] {
  /// The weighted sum.
  var total: Double { reduce(0) { $0 + Double($1.term.weight) * $1.number } }

  /// Names and values without weights, to be reported.
  var reported: LossTerms { map { ($0.term.name, $0.number) } }

  /// What is differentiated of the terms with some role.
  func sources(_ role: LossTerm.Role) -> [(output: Variable, seed: Variable?)] {
    filter { $0.term.role == role }.map(\.source)
  }
}
