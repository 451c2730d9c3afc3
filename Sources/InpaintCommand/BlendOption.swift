import ArgumentParser
import Models

extension CompositeKind: ExpressibleByArgument {
  package init?(argument: String) {
    switch argument {
    case "membrane": self = .membrane
    case "none": self = .plain
    default: return nil
    }
  }

  package static var allValueStrings: [String] { ["membrane", "none"] }

  package static var allValueDescriptions: [String: String] { [:] }

  package var defaultValueDescription: String { self == .plain ? "none" : rawValue }
}

extension ArgumentHelp {
  /// The help of the option that says how holes are joined to their surroundings.
  static let blend: ArgumentHelp = """
    How a filling meets the known pixels: membrane (brightness and colour are shifted smoothly inside \
    the hole until its border fits) or none (the network's pixels as they are).
    """
}
