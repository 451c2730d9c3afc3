import Foundation
package import Images
import Running

/// Which parts of a picture the network sees, chosen by what fits into memory.
package struct FillPlan {
  /// The parts, one after another.
  package let regions: [Rectangle]
  /// What to tell about the choice; empty for the whole picture.
  package let note: String

  /// Chooses.
  ///
  /// - Parameters:
  ///   - hole: The holes of the picture.
  ///   - region: What the user wants.
  ///   - bytesPerPixel: Memory that the network takes for each pixel that it sees.
  ///   - available: Bytes that it may take; nil where nobody knows.
  ///   - name: Names the picture in errors.
  /// - Throws: `RunError` where nothing fits.
  package init(
    hole: HoleMask, region: FillRequest.Region, bytesPerPixel: Int, available: Int?, name: String
  ) throws {
    let whole = Rectangle(top: 0, left: 0, height: hole.height, width: hole.width)
    func fits(_ rectangle: Rectangle) -> Bool {
      available.map { rectangle.area * bytesPerPixel <= $0 } ?? true
    }
    if region == .whole || (region == .auto && fits(whole)) {
      (regions, note) = ([whole], "")
    } else {
      regions = Filling.regions(roundHolesOf: hole)
      note = ", \(regions.count) \(regions.count == 1 ? "region" : "regions") round the holes"
    }
    guard let largest = regions.max(by: { $0.area < $1.area }), !fits(largest) else { return }
    throw RunError(
      .badData,
      "\(name): to fill \(largest.width)x\(largest.height) pixels at a time the network needs about "
        + "\(sizeText(largest.area * bytesPerPixel)) of memory, and "
        + "\(sizeText(available ?? 0)) are free or allowed by --memory; "
        + (region == .whole ? "use --region hole, or " : "mark smaller holes, or ")
        + "make the picture smaller with --side")
  }
}

/// Bytes as people read them, such as "3.2 GiB" or "70 MiB".
private func sizeText(_ bytes: Int) -> String {
  bytes < 1 << 30
    ? (Double(bytes) / 0x1p20).formatted(.number.precision(.fractionLength(0))) + " MiB"
    : (Double(bytes) / 0x1p30).formatted(.number.precision(.fractionLength(1))) + " GiB"
}

/// Bytes that this process may still take without swapping: what the system calls available, or less
/// where its control group is limited; nil where the system does not tell.
package func availableMemory() -> Int? {
  func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
  func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
  let system = text("/proc/meminfo")?.split(separator: "\n")
    .first { $0.hasPrefix("MemAvailable:") }?
    .split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  let group = number("/sys/fs/cgroup/memory.max").flatMap { limit in
    number("/sys/fs/cgroup/memory.current").map { max(limit - $0, 0) }
  }
  guard let system else { return group }
  return group.map { min($0, system) } ?? system
}
