import Checksums
import Communication
import Configuration
import Datasets
import Foundation
import Images
import Running

/// Finds the images that cannot be used, each rank looking at its share, and does about them what
/// the configuration says.
///
/// All ranks learn all findings, so that all stop for one reason or go on with the same images.
struct UsableImages {
  private let policy: DataConfiguration.BadPictures
  private let communicator: any Communicator
  /// Images that were left out so far.
  private(set) var skippedCount = 0
  /// Lines for the log about what was left out.
  private(set) var notes: [String] = []
  /// CRC-32 of the bytes of the images of the part that was asked for last, without those left out.
  private(set) var checksums: [UInt32] = []

  init(policy: DataConfiguration.BadPictures, communicator: any Communicator) {
    (self.policy, self.communicator) = (policy, communicator)
  }

  /// The part of a source that can be used; collective.
  ///
  /// - Throws: On every rank, what is wrong with an image that stops the run.
  mutating func part(of source: any ImageSource) throws -> any ImageSource {
    let depth: ImageCheck.Depth =
      policy == .skip ? .pixels : source.wasChecked ? .sample : .outline
    let bad = try findings(ImageCheck(source, depth: depth))
    if bad.isEmpty { return source }
    try leaveOut(bad, of: source.count, "images of \(source.summary)")
    return ImageSubset(source, leavingOut: Set(bad.map(\.index)))
  }

  /// Those of some mask pictures that can be used at a side; collective.
  ///
  /// - Throws: On every rank, what is wrong with a mask picture that stops the run.
  mutating func part(ofMasks paths: [String], side: Int) throws -> [String] {
    let bad = try findings(
      ImageCheck(count: paths.count) { index in
        let bytes = try imageFileContents(paths[index])
        _ = try HoleMask(
          drawing: try Image(maskDecoding: bytes, name: paths[index]),
          name: paths[index], width: side, height: side)
        return CRC32.checksum(bytes[...])
      })
    if bad.isEmpty { return paths }
    try leaveOut(bad, of: paths.count, "mask pictures")
    let leftOut = Set(bad.map(\.index))
    return paths.indices.filter { !leftOut.contains($0) }.map { paths[$0] }
  }

  /// What all ranks have found, in the order of the images.
  private mutating func findings(_ check: ImageCheck) throws -> [ImageCheck.Finding] {
    let own = check.run(first: communicator.rank, stride: communicator.worldSize)
    let received = try communicator.allGather(Array(try JSONEncoder().encode(own.findings)))
    let findings = try received.flatMap {
      try JSONDecoder().decode([ImageCheck.Finding].self, from: Data($0))
    }.sorted { $0.index < $1.index }
    let shares = try communicator.allGather(own.checksums.flatMap { $0.littleEndianBytes })
      .map { $0.littleEndianWords }
    let leftOut = Set(findings.map(\.index))
    checksums = (0..<shares.reduce(0) { $0 + $1.count }).compactMap { index in
      leftOut.contains(index) ? nil : shares[index % shares.count][index / shares.count]
    }
    return findings
  }

  private mutating func leaveOut(
    _ bad: [ImageCheck.Finding], of count: Int, _ what: String
  ) throws {
    let others = bad.count > 1 ? " (and \(bad.count - 1) others cannot be used)" : ""
    guard policy == .skip else {
      throw RunError(
        .badData,
        "\(bad[0].message)\(others); or go without such images: data.on_bad_image=skip",
        isShared: true)
    }
    guard bad.count < count else {
      throw RunError(.badData, "\(bad[0].message)\(others), nothing is left", isShared: true)
    }
    skippedCount += bad.count
    let shown = bad.prefix(20).map { "\n  \($0.message)" }.joined()
    notes.append(
      "left out \(bad.count) of \(count) \(what):" + shown
        + (bad.count > 20 ? "\n  and \(bad.count - 20) others" : ""))
  }
}

extension UInt32 {
  fileprivate var littleEndianBytes: [UInt8] {
    withUnsafeBytes(of: littleEndian) { Array($0) }
  }
}

extension [UInt8] {
  fileprivate var littleEndianWords: [UInt32] {
    withUnsafeBytes { bytes in
      (0..<count / 4).map {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
      }
    }
  }
}
