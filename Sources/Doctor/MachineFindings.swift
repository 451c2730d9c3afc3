import CKernels
import Foundation
import Kernels
import Running
import TensorCore

/// Processor, cores, memory, threads and libraries of this machine.
func machineFindings() -> [Finding] { [processor, cores, threads, memory, libraries] }

private var processor: Finding {
  let facts = entries(ofFile: "/proc/cpuinfo")
  let name = facts["model name"] ?? facts["CPU part"] ?? "unknown"
  let flags = Set(
    (facts["flags"] ?? facts["Features"] ?? "").split(separator: " ").map(String.init))
  let known = [
    ("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512"), ("avx512_bf16", "AVX512-BF16"),
    ("asimd", "NEON"), ("bf16", "BF16"),
  ].filter { flags.contains($0.0) }.map(\.1)
  let text =
    "\(name); \(known.isEmpty ? "no vector instructions that are known" : known.joined(separator: ", ")); "
    + "channel blocks of \(Layout.native.channelBlock)"
    + (multipliesBFloat16 ? "; multiplies bfloat16" : "")
  guard known.contains("AVX2") || known.contains("NEON") else {
    return Finding(
      .improvable, "processor", text,
      advice: "trainings run several times as fast with AVX2 or AVX-512")
  }
  return Finding(.fine, "processor", text)
}

private var cores: Finding {
  let environment = ProcessInfo.processInfo.environment
  let (allowed, quota) = (Int(ckernels_processor_count()), ProcessorQuota.processors())
  let usable = usableProcessorCount(environment: environment)
  var text = "\(usable) usable, \(ProcessInfo.processInfo.processorCount) in the machine"
  if let quota { text += "; a quota of \(String(format: "%.1f", quota))" }
  if let slurm = environment["SLURM_JOB_CPUS_PER_NODE"] { text += "; Slurm gives \(slurm)" }
  if allowed < ProcessInfo.processInfo.processorCount { text += "; bound to \(allowed)" }
  return Finding(.fine, "cores", text)
}

private var threads: Finding {
  let environment = ProcessInfo.processInfo.environment
  let count = useThreads(0, ranksOnHost: 1)
  let usable = usableProcessorCount(environment: environment)
  let text =
    "\(count) for one rank"
    + (environment["OMP_NUM_THREADS"].map { " (OMP_NUM_THREADS is \($0))" } ?? "")
    + "; they spin for a moment, then yield, then sleep"
  let load = entries(ofFile: "/proc/loadavg", separator: " ")["first"].flatMap { Double($0) } ?? 0
  if count > usable {
    return Finding(
      .improvable, "threads", text, advice: "unset OMP_NUM_THREADS, or set it to at most \(usable)")
  }
  guard load < Double(usable) * 0.75 else {
    return Finding(
      .improvable, "threads", text + "; the machine's load is \(load)",
      advice: "other programs are busy here: trainings share the cores with them")
  }
  return Finding(.fine, "threads", text)
}

private var memory: Finding {
  let facts = entries(ofFile: "/proc/meminfo")
  func gibibytes(_ name: String) -> Double {
    (facts[name]?.split(separator: " ").first).flatMap { Double($0) }.map { $0 / 1_048_576 } ?? 0
  }
  let free = gibibytes("MemAvailable")
  let text = String(format: "%.1f GiB, %.1f GiB free", gibibytes("MemTotal"), free)
  guard free > 2 else {
    return Finding(
      .improvable, "memory", text,
      advice:
        "networks for 256 px take 3 GiB and more; inpaint plan CONFIG tells how much a run takes")
  }
  return Finding(.fine, "memory", text)
}

private var libraries: Finding {
  Finding(
    .fine, "versions",
    "inpaint \(codeVersion), oneDNN \(convolutionLibraryVersion), "
      + "\(ProcessInfo.processInfo.operatingSystemVersionString)")
}

/// The entries `name : value` of a file, the first of each name; without names, `first` is its first word.
private func entries(ofFile path: String, separator: Character = ":") -> [String: String] {
  guard let contents = FileManager.default.contents(atPath: path) else { return [:] }
  let text = String(decoding: contents, as: UTF8.self)
  guard separator == ":" else {
    return ["first": text.split(separator: separator).first.map(String.init) ?? ""]
  }
  var entries: [String: String] = [:]
  for line in text.split(separator: "\n") {
    guard let colon = line.firstIndex(of: separator) else { continue }
    let name = line[..<colon].trimmingCharacters(in: .whitespaces)
    if entries[name] == nil {
      entries[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
  }
  return entries
}
