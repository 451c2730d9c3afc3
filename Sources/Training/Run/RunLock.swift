import Foundation
package import Running

/// Keeps a second training out of a run folder for as long as this object lives.
///
/// The lock belongs to the open file, not to a name or a number in it: the system gives it up however
/// the process ends, so what a killed run leaves behind never locks anybody out. On NFS the server
/// keeps it, for all its clients.
package final class RunLock {
  /// Why nobody is kept out; nil where the lock works.
  package let limitation: String?

  private let path: String
  private let descriptor: Int32

  /// A run that has just been killed may hold its lock for a moment more; supervisors, which start
  /// again at once, wait longer for hosts that are gone.
  private static var patienceSeconds: Double {
    ProcessInfo.processInfo.environment["INPAINT_LOCK_SECONDS"].flatMap { Double($0) } ?? 2
  }

  /// Takes the lock of a folder.
  ///
  /// - Throws: `RunError` naming the process that holds it, or what keeps the file from being written.
  package init(_ directory: RunDirectory) throws(RunError) {
    path = "\(directory.path)/lock"
    (descriptor, limitation) = try Self.take(path, of: directory)
    let since = Date.now.formatted(.iso8601)
    let holder = Array(
      "pid \(getpid()) on \(ProcessInfo.processInfo.hostName) since \(since)\n".utf8)
    // For people; the lock itself does not depend on it.
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, holder, holder.count, 0)
  }

  /// Whether a training holds the lock of a folder; nil where the file system cannot tell.
  package static func isHeld(_ directory: RunDirectory) -> Bool? {
    let descriptor = open("\(directory.path)/lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == ENOENT ? false : nil }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
    return errno == EWOULDBLOCK ? true : nil
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  private static func take(
    _ path: String, of directory: RunDirectory
  ) throws(RunError) -> (descriptor: Int32, limitation: String?) {
    let end = ContinuousClock.now + .seconds(max(0, min(patienceSeconds, 3600)))
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw RunError(
          .usage,
          "\(path): the run folder cannot be locked (\(String(cString: strerror(errno)))); "
            + "choose another with --run, or free it")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        // Its last holder may have removed the name in between: a lock on that keeps nobody out.
        if names(path, descriptor) { return (descriptor, nil) }
      } else if errno != EWOULDBLOCK {
        // Some file systems of clusters are mounted without locks.
        let reason = String(cString: strerror(errno))
        return (descriptor, "\(path): no lock against a second training (\(reason))")
      } else if ContinuousClock.now > end {
        close(descriptor)
        throw RunError(
          .usage,
          "\(directory.path): another training\(holder(path)) writes to this folder; wait for its "
            + "end or stop it, or choose another folder with --run")
      } else {
        usleep(50_000)
      }
      close(descriptor)
    }
  }

  /// What the file says about the process that has written it.
  private static func holder(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first.map { " (\($0))" } ?? ""
  }

  private static func names(_ path: String, _ descriptor: Int32) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }
}
