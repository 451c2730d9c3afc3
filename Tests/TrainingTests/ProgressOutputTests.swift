import Testing
import Training

/// How lines about progress meet terminals and logs.
@Suite struct ProgressOutputTests {
  @Test(arguments: [1, 12, 40, 60, 100, 200])
  func linesFitTheTerminal(columns: Int) {
    let parts = ["step 12/1000", "45.1 images/s", "3 min 4 s left", "pixel 0.0312", "feature 0.06"]
    let line = ProgressOutput.line(parts, columns: columns)
    #expect(line.count < max(2, columns) && !line.isEmpty)
    #expect(parts.joined(separator: "  ").hasPrefix(line))
    #expect(columns < 40 || line.contains("images/s"))
    #expect(ProgressOutput.line(parts, columns: nil) == parts.joined(separator: "  "))
  }

  /// Under mpirun rank 0 has a pseudo-terminal, also where mpirun writes to a file.
  @Test func onlyTerminalsAreRewritten() {
    #expect(ProgressOutput.isTerminal([:], isTTY: true))
    #expect(!ProgressOutput.isTerminal([:], isTTY: false))
    for name in ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"] {
      #expect(!ProgressOutput.isTerminal([name: "2"], isTTY: true))
      #expect(ProgressOutput.isTerminal([name: "2", "INPAINT_TERMINAL": "1"], isTTY: true))
    }
    #expect(!ProgressOutput.isTerminal(["INPAINT_TERMINAL": "0"], isTTY: true))
  }
}
