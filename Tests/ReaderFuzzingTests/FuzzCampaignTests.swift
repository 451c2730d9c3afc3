import Foundation
import ReaderFuzzing
import Testing

/// A small share of what `launch/fuzz` does, without sanitizers.
@Suite struct FuzzCampaignTests {
  private let fixtures = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures").path

  private func withCampaign(seed: UInt64, _ body: (FuzzCampaign) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "fuzz-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try FuzzCampaign(fixtures: fixtures, folder: folder, seed: seed))
  }

  @Test func wholeFilesAreAccepted() throws {
    try withCampaign(seed: 1) { campaign in
      let refusing = try campaign.readersThatRefuseWholeFiles()
      #expect(refusing.isEmpty)
    }
  }

  /// Every reader refuses damaged files, and not all of them: neither would tell anything if it were
  /// always so.
  @Test func damagedFilesAreReadOrRefused() throws {
    try withCampaign(seed: 2) { campaign in
      let readers = campaign.names.count
      var accepted = [Int](repeating: 0, count: readers)
      for number in 0..<40 * readers where try campaign.run(case: number) {
        accepted[number % readers] += 1
      }
      for (name, count) in zip(campaign.names, accepted) {
        #expect(count < 40, "\(name) refused nothing")
      }
      #expect(accepted.count { $0 > 0 } > readers / 2)
    }
  }

  @Test func aCaseIsAFunctionOfSeedAndNumber() throws {
    try withCampaign(seed: 3) { first in
      try withCampaign(seed: 3) { again in
        try withCampaign(seed: 4) { other in
          let cases = 0..<3 * first.names.count
          #expect(cases.allSatisfy { first.bytes(ofCase: $0) == again.bytes(ofCase: $0) })
          #expect(cases.contains { first.bytes(ofCase: $0) != other.bytes(ofCase: $0) })
        }
      }
    }
  }
}
