package import Foundation
import Running

/// When a run is to stop with a checkpoint: so long after its start, or at a date.
package struct TimeLimit: Equatable, Sendable {
  /// As the user wrote it.
  package let text: String
  /// When it is reached.
  package let end: Date

  /// Reads a duration such as `2h30m`, `90m`, `1d` or `45s`, or a date such as `2026-11-27 08:00`.
  ///
  /// - Parameters:
  ///   - text: What the user wrote; a date without a time zone is one of this machine's.
  ///   - now: When a duration begins.
  /// - Throws: `RunError` where it is neither, or a date that is over.
  package init(_ text: String, now: Date = Date()) throws {
    self.text = text
    if let seconds = Self.seconds(of: text) {
      end = now + seconds
      return
    }
    guard let date = Self.date(of: text) else {
      throw RunError(
        .usage,
        "--max-time \(text): neither a duration nor a date; write 2h30m, 90m or 45s, or "
          + "\"2026-11-27 08:00\"")
    }
    guard date > now else {
      throw RunError(.usage, "--max-time \(text): that is over; give a later date, or a duration")
    }
    end = date
  }

  /// Whether it is reached.
  package var isReached: Bool { Date() >= end }

  private static func seconds(of text: String) -> Double? {
    let units: [(unit: Character, seconds: Double)] = [
      ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
    ]
    var (total, digits, next) = (0.0, "", 0)
    for character in text {
      if character.isASCII, character.isNumber || character == "." {
        digits.append(character)
        continue
      }
      guard let unit = units[next...].firstIndex(where: { $0.unit == character }),
        let number = Double(digits)
      else { return nil }
      total += number * units[unit].seconds
      (digits, next) = ("", unit + 1)
    }
    // Also where a unit is missing.
    return digits.isEmpty && total > 0 && total < 1e9 ? total : nil
  }

  private static func date(of text: String) -> Date? {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    let formats = [
      "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm",
      "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssXXXXX", "yyyy-MM-dd'T'HH:mmXXXXX",
    ]
    for format in formats {
      formatter.dateFormat = format
      if let date = formatter.date(from: text) { return date }
    }
    return nil
  }
}
