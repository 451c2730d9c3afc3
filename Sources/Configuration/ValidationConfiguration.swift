/// When the generator is judged and shown.
package struct ValidationConfiguration: SettingsSection {
  @Setting("Steps between two validations; 0 is never.")
  package var every = 1000

  @Setting(
    """
    Pictures of the validation split that are filled and scored, or that as many generated ones are \
    compared with.
    """)
  package var count = 64

  @Setting("Whether to score before step 1 as well: what the first weights are worth.")
  package var first = false

  @Setting(
    """
    Further kinds of holes for which the same pictures are scored, by the words of `evaluate --mask`, such \
    as `[thin, thick, left_eye]`: scores with the word behind their names.
    """)
  package var holes: [String] = []

  @Setting(
    """
    Validations in a row without a better `checkpoint.best_metric` after which the run ends; 0 is \
    never.
    """)
  package var patience = 0

  @Setting("Steps between two sample sheets; 0 is never.")
  package var samplesEvery = 1000

  @Setting("Pictures on a sample sheet.")
  package var samplesCount = 8

  /// The defaults.
  package init() {}

  private enum CodingKeys: String, CodingKey {
    case every, count, holes, first, patience
    case samplesEvery = "samples_every"
    case samplesCount = "samples_count"
  }
}
