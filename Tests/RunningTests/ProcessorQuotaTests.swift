import Foundation
import Running
import Testing

@Suite("Processor quota")
struct ProcessorQuotaTests {
  private static let version2 = "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
  private static let version1 =
    "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"

  /// Any group above counts; a fraction, "max" and an empty file do what they say.
  @Test(
    arguments: [
      (["job/cpu.max": "150000 100000\n"], 1.5),
      (["cpu.max": "", "job/step/cpu.max": "max 100000\n"], nil),
      (["job/cpu.max": "50000 100000", "job/step/cpu.max": "200000 100000"], 0.5), ([:], nil),
      (["job/step/cpu.max": "250000"], 2.5),
    ] as [([String: String], Double?)])
  func version2(files: [String: String], expected: Double?) throws {
    let root = try Root(cgroup: "0::/job/step\n", mounts: Self.version2)
    for (name, text) in files { try root.write(text, to: "sys/fs/cgroup/\(name)") }
    #expect(ProcessorQuota.processors(root: root.path) == expected)
  }

  @Test(arguments: [("-1", nil), ("300000", 3), ("175000", 1.75)] as [(String, Double?)])
  func version1(quota: String, expected: Double?) throws {
    let root = try Root(cgroup: "4:cpu,cpuacct:/job/step\n1:memory:/\n", mounts: Self.version1)
    try root.write(quota, to: "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us")
    try root.write("100000", to: "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us")
    #expect(ProcessorQuota.processors(root: root.path) == expected)
  }

  /// In a container the mount shows the group of the container, whose path is that of the host.
  @Test func aContainerSeesItsOwnGroup() throws {
    let mount = "30 20 0:26 /docker/a1 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
    for cgroup in ["0::/docker/a1\n", "0::/\n", "0::/../..\n"] {
      let root = try Root(cgroup: cgroup, mounts: mount)
      try root.write("120000 100000", to: "sys/fs/cgroup/cpu.max")
      #expect(ProcessorQuota.processors(root: root.path) == 1.2)
    }
  }

  @Test(
    arguments: [
      (nil, 8, nil, 8), (2.9, 8, nil, 2), (0.5, 8, nil, 1), (16, 8, nil, 8), (nil, 8, "3", 3),
      (nil, 8, "6(x3),5,4(x2)", 4),
      (2.5, 8, "4", 2),
    ] as [(Double?, Int, String?, Int)])
  func theLeastCounts(quota: Double?, allowed: Int, slurm: String?, expected: Int) {
    let environment = slurm.map { ["SLURM_JOB_CPUS_PER_NODE": $0] } ?? [:]
    #expect(
      usableProcessorCount(environment: environment, allowed: allowed, quota: quota) == expected)
  }
}

/// A folder with what the system says about groups.
private final class Root {
  let path = NSTemporaryDirectory() + "inpaint-quota-\(UUID().uuidString)"

  init(cgroup: String, mounts: String) throws {
    try write(cgroup, to: "proc/self/cgroup")
    try write("22 1 8:1 / / rw - ext4 /dev/sda rw\n" + mounts, to: "proc/self/mountinfo")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
  }
}
