import Foundation

/// How many processors' worth of time the groups of processes that this one is in may use.
package enum ProcessorQuota {
  /// The smallest quota of this process's group and of all groups above it, of versions 1 and 2; nil where
  /// none is set.
  ///
  /// - Parameter root: The folder that holds `proc` and the file systems of groups; for tests.
  /// - Returns: Whole and broken processors, above 0.
  package static func processors(root: String = "") -> Double? {
    let groups = lines(of: "\(root)/proc/self/cgroup").compactMap(Group.init)
    let mounts = lines(of: "\(root)/proc/self/mountinfo").compactMap(Mount.init)
    let quotas = mounts.flatMap { mount in
      groups.filter { $0.isVersion2 == mount.isVersion2 }.flatMap { group in
        mount.folders(of: group).compactMap { quota(in: root + $0, isVersion2: mount.isVersion2) }
      }
    }
    return quotas.min()
  }

  /// A group that this process is in and that may limit processors: a line of /proc/self/cgroup.
  private struct Group {
    let isVersion2: Bool
    let path: String

    init?(_ line: Substring) {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      isVersion2 = fields[0] == "0" && fields[1].isEmpty
      guard isVersion2 || fields[1].split(separator: ",").contains("cpu") else { return nil }
      path = String(fields[2])
    }
  }

  /// A mounted file system of groups: a line of /proc/self/mountinfo.
  private struct Mount {
    let isVersion2: Bool
    /// The group that is shown at the mount's place.
    let group: String
    let place: String

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard let separator = fields.firstIndex(of: "-"), separator >= 6, fields.count > separator + 3
      else { return nil }
      isVersion2 = fields[separator + 1] == "cgroup2"
      let options = fields[separator + 3].split(separator: ",")
      guard isVersion2 || (fields[separator + 1] == "cgroup" && options.contains("cpu")) else {
        return nil
      }
      (group, place) = (String(fields[3]), String(fields[4]))
    }

    /// The folders of a group and of those above it, as far as they are shown.
    func folders(of other: Group) -> [String] {
      var path = other.path
      if group != "/" { path = path.hasPrefix(group) ? String(path.dropFirst(group.count)) : "" }
      var names = path.split(separator: "/")
      // A path out of the namespace of this process.
      if names.contains("..") { names = [] }
      return (0...names.count).map {
        ([place] + names.prefix($0).map(String.init)).joined(separator: "/")
      }
    }
  }

  private static func quota(in folder: String, isVersion2: Bool) -> Double? {
    let (quota, period): (Double?, Double?)
    if isVersion2 {
      let words = (lines(of: "\(folder)/cpu.max").first ?? "").split(separator: " ")
      (quota, period) = (
        words.first.flatMap { Double($0) }, words.count > 1 ? Double(words[1]) : 100_000
      )
    } else {
      quota = lines(of: "\(folder)/cpu.cfs_quota_us").first.flatMap { Double($0) }
      period = lines(of: "\(folder)/cpu.cfs_period_us").first.flatMap { Double($0) }
    }
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private static func lines(of path: String) -> [Substring] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n")
  }
}
