import Checkpoints
import Configuration
import Foundation
import Running

/// What a run's model card says of its data, in the user's words.
package struct ModelCardNotes: Sendable {
  /// What the pictures are and where they come from.
  package var data: String?
  /// Under what terms they may be used.
  package var license: String?

  /// Takes notes.
  package init(data: String?, license: String?) { (self.data, self.license) = (data, license) }
}

/// Runs `inpaint model-card`: a page in Markdown about a run and its newest checkpoint.
///
/// - Parameters:
///   - path: The run folder.
///   - notes: What the user says of the data.
/// - Returns: The page.
/// - Throws: `RunError` where it is no run folder, or what is wrong with its newest checkpoint.
package func modelCard(of path: String, _ notes: ModelCardNotes) throws -> String {
  let directory = RunDirectory(path)
  let configuration = try directory.readConfiguration()
  let status = try RunStatus(directory)
  let checkpoint = try checkpointDirectory(path)
  let loaded = try checkpoint.load()
  let card = ModelCard(
    configuration: configuration, status: status, notes: notes, checkpoint: loaded,
    hash: "\(loaded.tensorHash())",
    sheet: directory.sampleSteps.max().map { directory.samples(step: $0) },
    folder: directory.path)
  return card.text
}

private struct ModelCard {
  let configuration: RunConfiguration
  let status: RunStatus
  let notes: ModelCardNotes
  let checkpoint: LoadedCheckpoint
  let hash: String
  let sheet: String?
  let folder: String

  var text: String {
    """
    # \(configuration.experiment)

    \(summary)

    ## Use

    \(use)

    ## Data

    \(data)

    ## Training

    \(training)

    ## Scores

    \(scores)
    \(sheet.map { "\n![Held-out pictures](\(relative($0)))\n" } ?? "")
    ## Files

    | file | what it is |
    |---|---|
    \(files)

    Hash over names, shapes and bits of all parameters and moments of step \(checkpoint.state.step), as \
    `inpaint checkpoint hash` prints it: `\(hash)`. `xxhsum -c XXH128SUMS` in the folder checks its files.

    """
  }

  private var side: Int { configuration.data.side }

  private var summary: String {
    let kind = configuration.model.kind
    let task = kind.fillsHoles ? "Fills holes in pictures" : "Makes pictures"
    let state = checkpoint.state
    return "\(task) of \(side)x\(side) pixels: \(kind.meaning), trained for \(state.step) of "
      + "\(configuration.training.steps) steps by inpaint \(state.codeVersion)."
  }

  private var weights: String {
    let name = checkpoint["generator-ema"] == nil ? "generator" : "generator-ema"
    return "\(relative(checkpoint.directory))/\(name).safetensors"
  }

  private var use: String {
    let command =
      configuration.model.kind.fillsHoles
      ? "inpaint fill --weights \(weights) --image PHOTOGRAPH --mask MASK --output FILLED"
      : "inpaint sample --weights \(weights) --count 16 --seed 1 --output FOLDER"
    let limits =
      configuration.model.kind.fillsHoles
      ? "It was trained on pictures like those below, at \(side)x\(side) pixels; others, larger ones and larger holes "
        + "turn out worse. What it paints is invented: it does not tell what was there."
      : "The faces are those of nobody, and may resemble somebody of the training pictures."
    return "```sh\n\(command)\n```\n\n\(limits)"
  }

  private var data: String {
    let data = configuration.data
    var lines = [
      "* \(notes.data ?? "Pictures of `\((data.root as NSString).lastPathComponent)`; no more was said of them.")",
      "* Terms of use: \(notes.license ?? "not stated. Ask whoever gave you the pictures before you publish weights.")",
      "* Cut to squares of \(data.crop > 0 ? "\(data.crop) pixels" : "the shorter side"), resized to \(side)x\(side).",
      "* \(checkpoint.state.images) pictures seen, in epoch \(checkpoint.state.epoch + 1).",
    ]
    if !data.select.isEmpty {
      lines.append("* Only those with \(data.select.joined(separator: ", ")).")
    }
    return lines.joined(separator: "\n")
  }

  private var training: String {
    let usual = RunConfiguration(kind: configuration.model.kind)
    let rows = configuration.differences(to: usual)
      .filter { !["experiment", "data.root"].contains($0.key) }
      .map { "| `\($0.key)` | \(shown($0.value)) | \(shown($0.otherValue)) |" }
    guard !rows.isEmpty else {
      return "With the defaults of `model.kind: \(configuration.model.kind.rawValue)`."
    }
    return
      "Settings that are not the defaults of `model.kind: \(configuration.model.kind.rawValue)`:\n\n"
      + "| setting | here | default |\n|---|---|---|\n" + rows.joined(separator: "\n")
  }

  /// A value; of a path its last part, which is all that concerns other machines.
  private func shown(_ value: String) -> String {
    value.isEmpty ? "none" : "`\((value as NSString).lastPathComponent)`"
  }

  private var scores: String {
    guard let scores = status.scores else {
      return "Nothing was scored."
    }
    let count = configuration.validation.count
    return "On at most \(count) held-out pictures at step \(scores.step):\n\n"
      + "| score | value |\n|---|---|\n"
      + scores.values.map {
        "| \($0.name.replacing("_", with: " ")) | \(String(format: "%.3f", $0.value)) |"
      }.joined(separator: "\n")
  }

  private var files: String {
    let meanings = [
      "generator": "the generator as it was trained",
      "generator-ema": "the running average of the generator",
      "optimizer": "Adam's moments, to go on training",
    ]
    return checkpoint.files.map { file in
      "| `\(relative(checkpoint.directory))/\(file.name).safetensors` | "
        + "\(meanings[file.name] ?? "the \(file.name)") |"
    }.joined(separator: "\n")
  }

  /// A path as seen from the run folder.
  private func relative(_ path: String) -> String {
    path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
  }
}
