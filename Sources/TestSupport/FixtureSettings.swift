import Foundation

/// The settings of a fixture: a JSON object with accessors that name what is missing.
package struct FixtureSettings: Sendable {
  /// A JSON value, as far as fixtures use JSON.
  enum Value: Decodable, Sendable {
    case number(Double)
    case text(String)
    case flag(Bool)
    case list([Value])
    case object([String: Value])
    case null

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let list = try? container.decode([Value].self) {
        self = .list(list)
      } else {
        self = .object(try container.decode([String: Value].self))
      }
    }
  }

  private let values: [String: Value]
  private let place: String

  init(json: String, place: String) throws {
    self.place = place
    values = try JSONDecoder().decode([String: Value].self, from: Data(json.utf8))
  }

  private init(_ values: [String: Value], place: String) {
    self.values = values
    self.place = place
  }

  /// The keys, sorted.
  package var keys: [String] { values.keys.sorted() }

  /// A whole number, such as `nf` or `side`.
  package func integer(_ key: String) throws -> Int {
    guard let result = Int(exactly: try number(key)) else { throw wrongType(key, "whole number") }
    return result
  }

  /// A number.
  package func number(_ key: String) throws -> Double {
    guard case .number(let result) = try value(key) else { throw wrongType(key, "number") }
    return result
  }

  /// A list of numbers, such as `betas`.
  package func numbers(_ key: String) throws -> [Double] {
    try list(key).map {
      guard case .number(let number) = $0 else { throw wrongType(key, "list of numbers") }
      return number
    }
  }

  /// A text, such as `variant`.
  package func string(_ key: String) throws -> String {
    guard case .text(let result) = try value(key) else { throw wrongType(key, "text") }
    return result
  }

  /// A truth value.
  package func flag(_ key: String) throws -> Bool {
    guard case .flag(let result) = try value(key) else { throw wrongType(key, "truth value") }
    return result
  }

  /// An object, such as `optimizer`.
  package func object(_ key: String) throws -> FixtureSettings {
    guard case .object(let result) = try value(key) else { throw wrongType(key, "object") }
    return FixtureSettings(result, place: "\(place).\(key)")
  }

  /// A list of objects, such as `log`.
  package func objects(_ key: String) throws -> [FixtureSettings] {
    try list(key).enumerated().map { index, value in
      guard case .object(let result) = value else { throw wrongType(key, "list of objects") }
      return FixtureSettings(result, place: "\(place).\(key)[\(index)]")
    }
  }

  private func list(_ key: String) throws -> [Value] {
    guard case .list(let result) = try value(key) else { throw wrongType(key, "list") }
    return result
  }

  private func value(_ key: String) throws -> Value {
    guard let value = values[key] else {
      throw FixtureError("\(place): no setting \"\(key)\"; there are \(keys)")
    }
    return value
  }

  private func wrongType(_ key: String, _ type: String) -> FixtureError {
    FixtureError("\(place): setting \"\(key)\" is not a \(type)")
  }
}

/// A fixture that is missing or not as expected.
package struct FixtureError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
