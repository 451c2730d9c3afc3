/// A configuration that comes with the program, so that its name works wherever a file's does.
///
/// The files are those of `configs/`, by symbolic links in `Presets`; those of `configs/paper/` have
/// `paper-` before their names.
package struct Preset: Sendable {
  /// Its name, such as `celeba-64`.
  package let name: String
  /// The text of the file.
  let text: String

  /// All of them.
  package static let all: [Preset] = [
    ("quickstart", PackageResources.quickstart_yaml),
    ("celeba-64", PackageResources.celeba_64_yaml),
    ("celeba-64-vgg19", PackageResources.celeba_64_vgg19_yaml),
    ("celeba-128", PackageResources.celeba_128_yaml),
    ("celeba-256", PackageResources.celeba_256_yaml),
    ("celeba-64-variants", PackageResources.celeba_64_variants_yaml),
    ("dcgan-celeba-64", PackageResources.dcgan_celeba_64_yaml),
    ("deepfill-celeba-64", PackageResources.deepfill_celeba_64_yaml),
    ("deepfill-celeba-256", PackageResources.deepfill_celeba_256_yaml),
    ("paper-celeba-64", PackageResources.paper_celeba_64_yaml),
    ("paper-celeba-128", PackageResources.paper_celeba_128_yaml),
    ("paper-celeba-256", PackageResources.paper_celeba_256_yaml),
  ].map { Preset(name: $0, text: String(decoding: $1, as: UTF8.self)) }

  /// The preset of a name; nil where there is none.
  package static func named(_ name: String) -> Preset? { all.first { $0.name == name } }

  /// Its settings.
  package func configuration() throws(ConfigurationError) -> RunConfiguration {
    try RunConfiguration.parse(yaml: text, origin: "preset \(name)")
  }

  /// What it is for, from the comment at its top.
  private var summary: String {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
      .map { $0.dropFirst().drop { $0 == " " } }.joined(separator: " ")
  }

  /// A text about all presets: name, size of the pictures, and what each is for and takes.
  package static func list() throws(ConfigurationError) -> String {
    var text = ""
    for preset in all {
      let side = try preset.configuration().data.side
      text += "\(preset.name): \(side)x\(side) pixels\n"
      text += wrapped(preset.summary, indent: "  ", columns: 80)
      text += "\n"
    }
    text += wrapped(
      "inpaint plan celeba-64 --set data.root=FOLDER measures memory and time on this machine.",
      indent: "", columns: 80)
    return text
  }
}

/// A text in lines that are no longer than so many columns, where its words allow it.
func wrapped(_ text: String, indent: String, columns: Int) -> String {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, last.count + 1 + word.count <= columns {
      lines[lines.count - 1] += " \(word)"
    } else {
      lines.append(indent + word)
    }
  }
  return lines.map { $0 + "\n" }.joined()
}
