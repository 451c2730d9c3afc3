/// What was found of one thing that a training needs.
package struct Finding: Sendable {
  /// How good it is.
  package enum Verdict: String, Sendable {
    /// As it should be.
    case fine = "ok"
    /// It works, and could be better.
    case improvable = "look"
    /// Trainings will not work.
    case bad
  }

  /// How good it is.
  package let verdict: Verdict
  /// What was looked at, in a word or two.
  package let subject: String
  /// What was found.
  package let text: String
  /// What to do; empty where nothing is to be done.
  package let advice: String

  /// Describes a finding.
  package init(_ verdict: Verdict, _ subject: String, _ text: String, advice: String = "") {
    (self.verdict, self.subject, self.text, self.advice) = (verdict, subject, text, advice)
  }

  /// A line, and one below it with what to do.
  package var lines: String {
    let mark = "[\(verdict.rawValue)]".padding(7)
    return "\(mark)\(subject): \(text)" + (advice.isEmpty ? "" : "\n       -> \(advice)")
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
