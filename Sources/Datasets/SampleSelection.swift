/// Which images of a source to use, besides its part: all of them unless something is asked for.
package struct SampleSelection: Hashable, Sendable {
  /// A condition on one attribute of an image, such as `Smiling=1`.
  package struct AttributeCondition: Hashable, Sendable {
    /// The attribute's name, as in the list's header.
    package let attribute: String
    /// Whether images with the attribute are wanted, or those without.
    package let isPresent: Bool

    /// Makes a condition.
    package init(attribute: String, isPresent: Bool) {
      (self.attribute, self.isPresent) = (attribute, isPresent)
    }

    /// Reads `NAME=1` (has the attribute), `NAME=0` or `NAME=-1` (has it not).
    ///
    /// - Throws: `DatasetError` where the text has another form.
    package init(parsing text: String) throws {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        .map { $0.split(separator: " ").joined(separator: " ") }
      guard parts.count == 2, !parts[0].isEmpty, ["1", "+1", "0", "-1"].contains(parts[1]) else {
        throw DatasetError(
          .unknownName, "attribute condition \"\(text)\"", "it is not of the form NAME=1 or NAME=0",
          remedy: "write, for example, Smiling=1 or Male=0")
      }
      self.init(attribute: parts[0], isPresent: parts[1].hasSuffix("1") && parts[1] != "-1")
    }
  }

  /// Conditions that must all hold.
  package var attributes: [AttributeCondition]
  /// The share of identities for validation, and the same again for test; nil keeps the published
  /// parts.
  ///
  /// With a share, the parts are made anew so that no person is in two of them: an identity belongs
  /// to a part by a hash of its number. In `0..<0.5`.
  package var heldOutIdentityShare: Double?

  /// Makes a selection.
  package init(attributes: [AttributeCondition] = [], heldOutIdentityShare: Double? = nil) {
    self.attributes = attributes
    self.heldOutIdentityShare = heldOutIdentityShare
  }

  /// Every image.
  package static let everything = SampleSelection()
}
