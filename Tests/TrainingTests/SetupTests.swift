import Foundation
import Testing

extension CommandTests {
  /// What `launch/setup` says where something is missing, and how it fetches a toolchain.
  @Suite struct SetupTests {
    /// Runs the script as a user who may install nothing.
    private func setUp(
      _ folder: TemporaryFolder, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> Outcome {
      try folder.writeScript("echo 1000", to: "id")
      try folder.writeScript("exit 1", to: "sudo")
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      return try Program(
        arguments, name: Program.script("setup"),
        environment: environment.merging(["PATH": "\(folder.path):\(path)"]) { $1 }
      ).wait()
    }

    @Test func saysNothingWhereNothingIsMissing() throws {
      let outcome = try setUp(try TemporaryFolder())
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.report)
    }

    @Test func namesWhatIsMissingAndTheWaysToHaveIt() throws {
      let folder = try TemporaryFolder()
      let outcome = try setUp(folder, environment: ["PKG_CONFIG_LIBDIR": folder.path])
      #expect(outcome.status == 1, outcome.report)
      for words in [
        "  Open MPI with its headers\n", "  OpenBLAS\n", "  libpng\n", "libopenmpi-dev",
        "PKG_CONFIG_PATH", "docs/systems.md",
      ] {
        #expect(outcome.errors.contains(words), outcome.report)
      }
      #expect(!outcome.errors.contains("oneDNN"), "that is here\n\(outcome.errors)")
    }

    @Test func namesTheLibrariesThatTheToolchainMisses() throws {
      let folder = try TemporaryFolder()
      try folder.writeScript(
        "case $1 in */swift-build) echo '\tlibxml2.so.2 => not found' ;; esac", to: "ldd")
      let outcome = try setUp(folder)
      #expect(outcome.status == 1, outcome.report)
      #expect(
        outcome.errors.contains("  libxml2.so.2, which the Swift toolchain needs"), outcome.report)
    }

    @Test(arguments: [
      ("HYDRA build details:\\n    Version: 4.0.2", "MPICH's"),
      ("Intel(R) MPI Library for Linux* OS, Version 2021.9", "Intel MPI's"),
    ])
    func anotherMPIIsRefusedByName(says: String, name: String) throws {
      let folder = try TemporaryFolder()
      try folder.writeScript("printf '\(says)\\n'", to: "mpirun")
      let outcome = try setUp(folder)
      #expect(outcome.status == 1, outcome.report)
      #expect(outcome.errors.contains("\(folder["mpirun"]) is \(name)"), outcome.report)
      #expect(outcome.errors.contains("Open MPI 4 or 5"), outcome.report)
    }

    @Test(arguments: [
      ("debian", "13", "x86_64", "debian12"), ("ubuntu", "24.04", "aarch64", "ubuntu24.04-aarch64"),
      ("ubuntu", "26.04", "x86_64", "ubuntu24.04"), ("fedora", "42", "x86_64", "fedora39"),
      ("rocky", "9.4", "aarch64", "ubi9-aarch64"), ("debian", "12", "riscv64", ""),
      ("arch", "", "x86_64", ""),
    ])
    func choosesTheArchiveOfTheSystem(id: String, version: String, machine: String, archive: String)
      throws
    {
      let folder = try TemporaryFolder()
      try folder.write("ID=\(id)\nVERSION_ID=\"\(version)\"\n", to: "os-release")
      try folder.writeScript(
        ". '\(Program.script("toolchain.sh"))'\ntoolchain_system os-release \(machine)",
        to: "choose")
      let outcome = try Program(["-c", "cd '\(folder.path)' && bash choose"], name: "/bin/sh")
        .wait()
      #expect(outcome.output == (archive.isEmpty ? "" : "\(archive)\n"), outcome.report)
    }

    // MARK: The toolchain

    private static let hasClient = ["curl", "wget"].contains { which($0) != nil }
    private static let archive =
      "/swift-6.3.1-release/ubuntu2404-aarch64/swift-6.3.1-RELEASE/"
      + "swift-6.3.1-RELEASE-ubuntu24.04-aarch64.tar.gz"

    /// A release with an archive that is made up: a script in the place of the compiler.
    private func makeRelease(_ folder: TemporaryFolder) throws {
      let clang = try #require(which("swift").map { ($0 as NSString).deletingLastPathComponent })
      let directory = (folder["server\(Self.archive)"] as NSString).deletingLastPathComponent
      for path in [directory, folder["made-up/swift/usr/bin"]] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      }
      try folder.writeScript("echo 'Swift version 6.3.1'", to: "made-up/swift/usr/bin/swift")
      try folder.writeScript("exec '\(clang)/clang' \"$@\"", to: "made-up/swift/usr/bin/clang")
      try run("tar", ["-C", folder["made-up"], "-czf", folder["server\(Self.archive)"], "swift"])
    }

    private func run(_ name: String, _ arguments: [String]) throws {
      let outcome = try Program([name] + arguments, name: "/usr/bin/env").wait()
      try #require(outcome.status == 0, outcome.report)
    }

    /// Fetches the made-up release into the folder `toolchain`.
    private func fetch(
      _ folder: TemporaryFolder, _ server: FileServer, _ environment: [String: String]
    ) throws -> Outcome {
      try setUp(
        folder, ["--toolchain", folder["toolchain"]],
        environment: environment.merging([
          "INPAINT_SWIFT_SERVER": server.address, "INPAINT_SWIFT_VERSION": "6.3.1",
          "INPAINT_SWIFT_SYSTEM": "ubuntu24.04-aarch64",
          "INPAINT_SWIFT_KEYS": "\(server.address)/keys.asc",
        ]) { $1 })
    }

    private func expectNothing(_ folder: TemporaryFolder) throws {
      #expect(try folder.names(in: ".").allSatisfy { !$0.hasPrefix("toolchain") })
    }

    @Test(.enabled(if: hasClient, "needs curl or wget"))
    func anArchiveOfTheRightChecksumIsUnpacked() throws {
      let folder = try TemporaryFolder()
      try makeRelease(folder)
      let server = try FileServer(folder["server"])
      let wrong = try fetch(
        folder, server, ["INPAINT_SWIFT_SHA256": String(repeating: "0", count: 64)])
      #expect(wrong.status == 1 && wrong.errors.contains("has not the checksum"), wrong.report)
      try expectNothing(folder)

      let sum = try Program(["sha256sum", folder["server\(Self.archive)"]], name: "/usr/bin/env")
        .wait()
      let right = try fetch(folder, server, ["INPAINT_SWIFT_SHA256": String(sum.output.prefix(64))])
      #expect(right.status == 0, right.report)
      #expect(server.paths == [Self.archive, Self.archive])
      #expect(right.errors.contains("PATH=\(folder["toolchain"])/usr/bin"), right.report)
      #expect(folder.contains("toolchain/usr/bin/swift"))
      let again = try fetch(folder, server, [:])
      #expect(again.status == 0 && server.paths.count == 2, again.report)
    }

    @Test(.enabled(if: hasClient, "needs curl or wget"))
    func anArchiveThatIsNotThereLeavesNothing() throws {
      let folder = try TemporaryFolder()
      let server = try FileServer(folder["server"])
      let outcome = try fetch(
        folder, server, ["INPAINT_SWIFT_SHA256": String(repeating: "0", count: 64)])
      #expect(outcome.status == 1, outcome.report)
      #expect(
        outcome.errors.contains("cannot fetch \(server.address)\(Self.archive)"), outcome.report)
      try expectNothing(folder)
    }

    @Test(.enabled(if: hasClient && which("gpg") != nil, "needs gpg, and curl or wget"))
    func onlyAnArchiveOfTheRightKeyIsUnpacked() throws {
      let folder = try TemporaryFolder()
      try makeRelease(folder)
      let server = try FileServer(folder["server"])
      let home = ["--homedir", folder["gpg"], "--batch", "--quiet", "--pinentry-mode", "loopback"]
      try FileManager.default.createDirectory(
        atPath: folder["gpg"], withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      defer { try? run("gpgconf", ["--homedir", folder["gpg"], "--kill", "all"]) }
      try run(
        "gpg",
        home + [
          "--passphrase", "", "--quick-generate-key", "Nobody <nobody@example.org>", "ed25519",
          "sign",
        ])
      try run("gpg", home + ["--armor", "--output", folder["server/keys.asc"], "--export"])
      let archive = folder["server\(Self.archive)"]
      try run("gpg", home + ["--output", "\(archive).sig", "--detach-sign", archive])
      let keys = try Program(
        ["gpg"] + home + ["--with-colons", "--list-keys"], name: "/usr/bin/env"
      ).wait().output
      let fingerprint = try #require(
        keys.split(separator: "\n").first { $0.hasPrefix("fpr:") }?.split(separator: ":").last)

      let stranger = try fetch(folder, server, [:])
      #expect(stranger.status == 1, stranger.report)
      #expect(stranger.errors.contains("is not signed by the key 52BB7E3D"), stranger.report)
      try expectNothing(folder)
      let own = ["INPAINT_SWIFT_KEY": String(fingerprint)]
      try folder.flipBit(of: "server\(Self.archive)", atByte: 40)
      let changed = try fetch(folder, server, own)
      #expect(changed.status == 1 && changed.errors.contains("is not signed by"), changed.report)
      try expectNothing(folder)
      try folder.flipBit(of: "server\(Self.archive)", atByte: 40)
      let signed = try fetch(folder, server, own)
      #expect(signed.status == 0, signed.report)
      #expect(folder.contains("toolchain/usr/bin/swift"))
    }
  }
}

/// The program that a name stands for, as a shell would find it.
private func which(_ name: String) -> String? {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    .map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
}
