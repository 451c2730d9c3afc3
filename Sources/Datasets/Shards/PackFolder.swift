import Files
import Foundation

/// The folder that images are packed into, and what an interrupted pack has left in it.
///
/// Shards get their names when they are finished, the index comes last. A hidden folder holds what is
/// in work and a record of each finished shard; it goes when the index is there.
final class PackFolder {
  /// A finished shard.
  struct Record: Codable, Equatable {
    /// The archive.
    var shard: ShardIndex.Shard
    /// Places among the images of the part that the shard covers, half-open.
    var first: Int
    var end: Int
    /// The images in the shard by their number in the source.
    var indices: [Int] = []
    /// Where each of them lies.
    var samples: [ShardIndex.Sample] = []
    /// Why images of these places are not in the shard.
    var skipped: [String] = []
  }

  /// The name of the hidden folder.
  static let workFolderName = ".packing"
  private static let planName = "pack.txt"

  /// The folder.
  let path: String
  private var work: String { "\(path)/\(Self.workFolderName)" }
  private var lock: Int32 = -1

  /// Names a folder, which need not exist.
  init(path: String) {
    self.path = path
  }

  deinit {
    if lock >= 0 { close(lock) }
  }

  /// Whether the folder holds all that a plan asks for.
  ///
  /// - Throws: `DatasetError` where it holds another pack, or a part of this one is damaged.
  func holds(_ plan: PackPlan) throws -> ShardIndex? {
    guard FileKind(of: "\(path)/\(ShardIndex.fileName)") == .file else { return nil }
    try demand(plan, in: "\(path)/\(Self.planName)")
    let index = try ShardIndex(readingFrom: path)
    for shard in index.shards { try shard.checkSize(in: path) }
    try? FileManager.default.removeItem(atPath: work)
    return index
  }

  /// Makes the folder, or takes up what an interrupted pack has left.
  ///
  /// - Throws: `DatasetError` where it holds something else, or another process is packing into it.
  func begin(_ plan: PackPlan) throws {
    let manager = FileManager.default
    let found = (try? names(inFolder: path)) ?? []
    guard found.isEmpty || found.contains(Self.workFolderName) else {
      throw DatasetError(
        .folderInUse, path, "the folder holds other files",
        remedy: "choose another folder, or remove it")
    }
    do {
      try manager.createDirectory(atPath: work, withIntermediateDirectories: true)
    } catch {
      throw DatasetError(
        .unwritable, path, "the folder cannot be made (\(error.localizedDescription))",
        remedy: "check its permissions, or choose another folder")
    }
    lock = open("\(work)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard lock >= 0 else { throw DatasetError.unwritable("\(work)/lock") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      throw DatasetError(
        .folderInUse, path, "another inpaint pack is writing to the folder",
        remedy: "wait for its end")
    }
    let planPath = "\(work)/\(Self.planName)"
    if FileKind(of: planPath) == .file, !stoppedAtDamage(plan, planPath) {
      try demand(plan, in: planPath)
    } else {
      try commitFile(Array(plan.description.utf8), to: planPath)
    }
  }

  /// The record of a shard that was finished before; nil where it has to be written.
  func record(ofShard name: String, first: Int) -> Record? {
    guard let data = FileManager.default.contents(atPath: recordPath(name)),
      let record = try? JSONDecoder().decode(Record.self, from: data),
      record.shard.name == name, record.first == first, record.end > first,
      record.samples.count == record.indices.count,
      sizeOfFile(at: "\(path)/\(name)") == record.shard.byteCount
    else { return nil }
    return record
  }

  /// Where a shard is while it is written.
  func workPath(ofShard name: String) -> String { "\(work)/\(name)" }

  /// Gives a finished shard its name and keeps its record.
  func commit(_ record: Record) throws {
    let name = record.shard.name
    try renameFile(workPath(ofShard: name), to: "\(path)/\(name)")
    try commitFile(Array(try JSONEncoder().encode(record)), to: recordPath(name))
  }

  /// Writes the index; the pack is complete when this returns.
  func commit(_ index: ShardIndex, of plan: PackPlan) throws {
    try commitFile(Array(plan.description.utf8), to: "\(path)/\(Self.planName)")
    try commitFile(index.encoded, to: "\(path)/\(ShardIndex.fileName)")
    try? FileManager.default.removeItem(atPath: work)
  }

  private func recordPath(_ shardName: String) -> String { "\(work)/\(shardName).json" }

  /// Whether the plan that was begun is this one but for damaged images, at which it stopped and which this
  /// one leaves out: what is packed so far is the same.
  private func stoppedAtDamage(_ plan: PackPlan, _ file: String) -> Bool {
    guard plan.settings.damagedImages == .skip else { return false }
    var begun = plan
    begun.settings.damagedImages = .stop
    return FileManager.default.contents(atPath: file) == Data(begun.description.utf8)
  }

  /// Makes sure that the folder was begun for the same images and settings.
  private func demand(_ plan: PackPlan, in file: String) throws {
    let found = FileManager.default.contents(atPath: file).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard found != plan.description else { return }
    let wanted = plan.description.split(separator: "\n")
    let other = (found ?? "").split(separator: "\n").filter { !wanted.contains($0) }
    throw DatasetError(
      .folderInUse, path,
      "the folder belongs to a pack of other images or settings"
        + (other.isEmpty ? "" : " (\(other.prefix(6).joined(separator: "; ")))"),
      remedy: "choose another folder, or remove it")
  }
}
