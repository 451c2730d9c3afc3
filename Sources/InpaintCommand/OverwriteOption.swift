import ArgumentParser

/// The option of all commands that write files of the user's choice.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replaces files that are there already.")
  var overwrite = false
}
