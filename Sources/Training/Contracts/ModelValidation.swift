package import Configuration
package import Datasets
package import Images

/// What was held out of training, and how much of it is scored and shown.
package struct HeldOutData {
  /// The pictures of the validation part; nil where the data has none.
  package let source: (any ImageSource)?
  /// The pictures that are trained on, to compare with; nil compares with nothing.
  package let training: (any ImageSource)?
  /// Crop, size and holes.
  package let transform: SampleTransform
  /// How many pictures are scored and shown, and when.
  package let settings: ValidationConfiguration

  /// Collects them.
  package init(
    source: (any ImageSource)?, training: (any ImageSource)? = nil, transform: SampleTransform,
    settings: ValidationConfiguration
  ) {
    self.training = training
    (self.source, self.transform, self.settings) = (source, transform, settings)
  }
}

/// How a model is scored and shown while it is trained: the same in all validations, on any number of
/// ranks.
package protocol ModelValidation {
  /// Whether there is anything to score; there may be sheets alone.
  var isScored: Bool { get }

  /// The mean scores of the model as it is, the same on every rank; collective.
  ///
  /// - Throws: The communicator's errors.
  func scores() throws -> [(name: String, value: Double)]

  /// A picture of what the model makes; on rank 0.
  func sheet(title: String) -> Image
}

extension ModelValidation {
  /// As a rule there is.
  package var isScored: Bool { true }
}
