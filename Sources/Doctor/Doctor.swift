package import Running

/// Runs `inpaint doctor`: looks at all that a training needs.
///
/// - Parameters:
///   - runs: The folder of runs.
///   - data: A folder of pictures; nil looks at none.
///   - program: This program's path.
///   - report: Receives each finding as soon as it is there.
/// - Returns: `failure` where trainings will not work.
package func examineMachine(
  runs: String, data: String?, program: String, report: (Finding) -> Void
) -> ExitStatus {
  var isBad = false
  func tell(_ finding: Finding) {
    isBad = isBad || finding.verdict == .bad
    report(finding)
  }
  machineFindings().forEach(tell)
  tell(RankPing.finding(program: program))
  tell(runFolderFinding(runs))
  if let data { tell(dataFinding(data)) }
  return isBad ? .failure : .done
}
