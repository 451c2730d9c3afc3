import Foundation
import Testing
import Training

@Suite struct TimeLimitTests {
  private let now = Date(timeIntervalSince1970: 1.75e9)

  @Test(arguments: [
    ("2h30m", 9000.0), ("90m", 5400), ("45s", 45), ("1d", 86_400), ("1d2h3m4s", 93_784),
    ("0.5h", 1800),
  ])
  func durations(text: String, seconds: Double) throws {
    let limit = try TimeLimit(text, now: now)
    #expect(limit.end == now + seconds)
  }

  @Test func dates() throws {
    let limit = try TimeLimit("2030-01-02T03:04:05Z", now: now)
    #expect(limit.end.timeIntervalSince1970 == 1_893_553_445)
    #expect(!limit.isReached)
    for text in ["2030-01-02 03:04", "2030-01-02", "2030-01-02T03:04:05+01:00"] {
      #expect(try TimeLimit(text, now: now).end > now)
    }
  }

  @Test(arguments: [
    "", "2", "h", "2x", "2h30", "m30", "30m2h", "2h2h", "-2h", "0s", "1e3s", "yesterday",
    "2001-01-01", "2030-13-01", "99999999999d",
  ])
  func refusesWhatIsNeither(text: String) {
    #expect(throws: (any Error).self) { try TimeLimit(text, now: now) }
  }
}
