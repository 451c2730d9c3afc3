import ArgumentParser

extension ArgumentHelp {
  /// The help of the option that names a generator.
  static let weights: ArgumentHelp = """
    Generator weights: safetensors or a PyTorch file, the folder of a checkpoint, or that of a run for its \
    newest one. Of a checkpoint the running average is taken where there is one \
    (generator-ema.safetensors), else the weights as trained (generator.safetensors).
    """
}
