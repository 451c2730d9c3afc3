import Configuration
import Files
import Foundation
import Images
import Reports
import Running

/// Runs `inpaint compare`: one page about several runs.
///
/// - Parameters:
///   - paths: The run folders, at least two.
///   - output: The page to write.
///   - warn: Receives what cannot be read and is left out.
/// - Returns: A line for people.
/// - Throws: `RunError` where one is no run folder, or where the page cannot be written.
package func compareRuns(
  _ paths: [String], to output: String, warn: (String) -> Void
) throws -> String {
  let names = distinctNames(of: paths)
  let configurations = try paths.map { try RunDirectory($0).readConfiguration() }
  var runs: [ComparisonPage.Run] = []
  for (index, path) in paths.enumerated() {
    let directory = RunDirectory(path)
    var report = RunReport(of: configurations[index])
    report.addNumbers(of: directory)
    if let step = directory.sampleSteps.max() {
      do {
        try report.add(sampleSheet: Image(contentsOf: directory.samples(step: step)), step: step)
      } catch {
        warn("\(error)")
      }
    }
    runs.append((names[index], report))
  }
  let page = ComparisonPage(runs, differences: differences(of: configurations))
  do {
    try Data(page.page(writtenSeconds: Date().timeIntervalSince1970))
      .write(to: URL(fileURLWithPath: output), options: .atomic)
  } catch {
    throw RunError(.badData, "\(output): the page cannot be written (\(systemReason(error)))")
  }
  return output
}

/// The folders' own names, or whole paths where two have the same.
private func distinctNames(of paths: [String]) -> [String] {
  let names = paths.map { URL(fileURLWithPath: $0).standardizedFileURL.lastPathComponent }
  return Set(names).count == names.count ? names : paths
}

/// The settings that are not the same in all configurations, but for the name of the experiment.
private func differences(of configurations: [RunConfiguration]) -> [ComparisonPage.Difference] {
  let values = configurations.map {
    Dictionary(uniqueKeysWithValues: $0.values.map { ($0.key, $0.value) })
  }
  var keys: [String] = []
  for key in configurations.flatMap({ $0.values.map(\.key) }) where !keys.contains(key) {
    keys.append(key)
  }
  return keys.filter { key in key != "experiment" && Set(values.map { $0[key] }).count > 1 }
    .map { key in (key, values.map { $0[key] }) }
}
