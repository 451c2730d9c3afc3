/// Everything that decides a run: one value for each key of a configuration file.
///
/// A configuration file is YAML with the sections below and `snake_case` keys. Every key has a
/// default, which is the published training where there is one, so a file states only what it
/// changes. No field is optional: "none" is written as an empty text or a zero, and each field says
/// so where it applies.
package struct RunConfiguration: SettingsSection {
  @Setting(
    "Name of the experiment, and of its folder under `runs/`: letters, digits, `.`, `_` and `-`.")
  package var experiment = "dmfn"

  @Setting("Seed of every random number of the run: initial weights, order of the samples, masks.")
  package var seed: UInt64 = 1

  @Setting("The networks.")
  package var model = ModelConfiguration()

  @Setting("The pictures to learn from.")
  package var data = DataConfiguration()

  @Setting("The holes that training cuts.")
  package var masks = MaskConfiguration()

  @Setting("The weights of the loss terms.")
  package var loss = LossConfiguration()

  @Setting("What keeps the game between generator and discriminator alive.")
  package var adversarial = AdversarialConfiguration()

  @Setting("The VGG-19 features that two of the losses compare.")
  package var perceptual = PerceptualConfiguration()

  @Setting("Adam and its schedule.")
  package var optimizer = OptimizerConfiguration()

  @Setting("The size of a step and how it is computed.")
  package var training = TrainingConfiguration()

  @Setting("When the state is saved and which saved states stay.")
  package var checkpoint = CheckpointConfiguration()

  @Setting("When the generator is judged and shown.")
  package var validation = ValidationConfiguration()

  /// The defaults.
  package init() {}
}
