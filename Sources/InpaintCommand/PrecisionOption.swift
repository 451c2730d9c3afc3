import ArgumentParser
import TensorCore

extension ElementType: ExpressibleByArgument {
  package init?(argument: String) {
    switch argument {
    case "fp32": self = .float32
    case "bf16": self = .bfloat16
    default: return nil
    }
  }

  package static var allValueStrings: [String] { ["fp32", "bf16"] }

  package static var allValueDescriptions: [String: String] { [:] }

  package var defaultValueDescription: String { self == .float32 ? "fp32" : "bf16" }
}

extension ArgumentHelp {
  /// The help of the option that says what a generator computes with.
  static let precision: ArgumentHelp = """
    What the network computes with: fp32, or bf16, which is faster where the processor multiplies such \
    numbers (AVX512-BF16), in less memory, and off by a grey level on average.
    """
}
