package import Autodiff

/// The binary cross entropy of logits with one label for all of them.
///
/// Written so that nothing cancels where the discriminator is sure.
///
/// - Formula: `mean log(1 + exp(-z))` for the label 1, `mean log(1 + exp(z))` for 0: PyTorch's
///   BCEWithLogitsLoss, and its BCELoss of the sigmoid. With label 1 for fakes it is the generator's
///   non-saturating loss.
/// - Parameters:
///   - logits: [N, 1].
///   - isReal: Whether the label is 1.
/// - Returns: [].
/// - Reference: Goodfellow et al. 2014, arXiv 1406.2661.
package func crossEntropyLoss(_ logits: Variable, isReal: Bool) -> Variable {
  (isReal ? logits * -1 : logits).softplus().mean()
}
