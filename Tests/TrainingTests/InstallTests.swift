import Foundation
import Testing

extension CommandTests {
  /// `launch/install`, and what `inpaint doctor` finds.
  @Suite struct InstallTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func shell(_ line: String, _ arguments: [String] = []) throws -> Outcome {
      try Program(["-c", line, "bash"] + arguments, name: "/bin/bash").wait()
    }

    /// Into a folder whose name has a space: the program, scripts, pages and completions work from there.
    @Test func whatIsInstalledWorksFromAnywhere() throws {
      let prefix = folder["a prefix"]
      let outcome = try Program(
        ["--prefix", prefix, "--binary", try Program.path("inpaint")],
        name: Program.script("install")
      ).wait()
      try #require(outcome.status == 0, outcome.report)
      let run = try shell(
        """
        cd "$1" && PATH="$2/bin:$PATH" && inpaint config --presets && \
        inpaint-local -n 2 "$2/share/inpaint/configs/quickstart.yaml" --print-run-folder 2>&1; \
        inpaint-local -n 1 "$3" --run "$1/run" --stop-after 1 2>&1
        """, [folder.path, prefix, try SmallRun.configuration])
      #expect(run.status == 0, run.report)
      #expect(run.output.contains("celeba-128: 128x128 pixels"), run.report)
      #expect(run.output.contains("saved \(folder["run"])/checkpoints/step-00000001"), run.report)
      // man may be missing; its pages are there in any case.
      let page = try folder.text("a prefix/share/man/man1/inpaint-train.1")
      #expect(page.contains(".Nm \"inpaint train\"") && page.contains("--preset"))
      #expect(try folder.text("a prefix/share/man/man1/inpaint.1").contains(".Xr inpaint-train 1"))
      let manual = try shell(
        #"command -v man >/dev/null || exit 0; MANPAGER=cat man -M "$1/share/man" inpaint-train"#,
        [prefix])
      #expect(manual.status == 0, manual.report)
    }

    /// Bash offers subcommands and options.
    @Test func bashCompletes() throws {
      let script = try Program.run(["--generate-completion-script", "bash"])
      try folder.write(script.output, to: "completion")
      let outcome = try shell(
        """
        source "$1"; COMP_TYPE=9 COMP_KEY=9
        COMP_WORDS=(inpaint pla) COMP_CWORD=1 COMP_LINE="inpaint pla" COMP_POINT=11
        _inpaint inpaint pla inpaint; echo "${COMPREPLY[*]}"
        COMPREPLY=() COMP_WORDS=(inpaint plan --pre) COMP_CWORD=2 COMP_LINE="inpaint plan --pre" COMP_POINT=18
        _inpaint inpaint --pre plan; echo "${COMPREPLY[*]}"
        """, [folder["completion"]])
      #expect(outcome.status == 0 && outcome.output == "plan\n--preset\n", outcome.report)
    }

    @Test(arguments: [
      [], ["--prefix"], ["--prefx", "a"], ["--prefix", "a", "--binary", "/absent"],
    ])
    func refusesAWrongCommandLine(arguments: [String]) throws {
      let outcome = try Program(
        arguments.map { $0 == "a" ? folder["a"] : $0 }, name: Program.script("install")
      ).wait()
      #expect(outcome.status == 64, outcome.report)
    }

    @Test func theDoctorLooksAtEverything() throws {
      let outcome = try Program.run(
        ["doctor", "--runs", folder["runs"], "--data", try SmallRun.faces])
      #expect(outcome.status == 0, outcome.report)
      let subjects = ["processor", "cores", "threads", "memory", "versions", "ranks", "run folder"]
      for subject in subjects + ["pictures"] {
        #expect(
          outcome.output.contains("] ") && outcome.output.contains(" \(subject): "), outcome.report)
      }
      #expect(outcome.output.contains("Open MPI v"), outcome.report)
      #expect(outcome.output.contains("48 images"), outcome.report)
      #expect(try folder.names(in: ".").isEmpty)

      let ill = try Program(
        ["doctor", "--runs", "/proc/absent", "--data", folder["absent"]],
        environment: ["PATH": folder.path]
      ).wait()
      #expect(ill.status == 70, ill.report)
      let bad = ill.output.split(separator: "\n").filter { $0.hasPrefix("[bad]") }
      #expect(bad.count == 3, ill.report)
    }
  }
}
