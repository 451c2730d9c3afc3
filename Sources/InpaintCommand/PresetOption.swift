import ArgumentParser
import Configuration
import Spelling

/// Makes sure that a command is given either a configuration file or the name of a preset that there is.
///
/// - Throws: `ValidationError` where it has both, none, or an unknown name.
func requirePreset(_ preset: String?, besides file: String?) throws {
  guard (preset == nil) != (file == nil) else {
    throw ValidationError(
      "Name a configuration file, or a preset with --preset; inpaint config --presets lists them.")
  }
  guard let preset, Preset.named(preset) == nil else { return }
  let nearest = nearestName(to: preset, among: Preset.all.map(\.name)) ?? ""
  throw ValidationError(
    "There is no preset \(preset); the nearest is \(nearest). inpaint config --presets lists them.")
}
