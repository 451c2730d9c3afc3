import Foundation
import Testing

@Suite("Completeness")
struct OperationsCompletenessTests {
  @Test func everyOperationHasTests() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let operations = tests.appendingPathComponent("../../Sources/Autodiff/Operations")
    let tested = Set(try swiftFiles(in: tests))
    let missing = try swiftFiles(in: operations.standardized).filter {
      !tested.contains("\($0)Tests")
    }
    #expect(missing.isEmpty, "operations without a file of tests: \(missing)")
  }

  /// The names of a folder's Swift files, without extension.
  private func swiftFiles(in folder: URL) throws -> [String] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(!files.isEmpty, "no Swift files in \(folder.path)")
    return files.map { String($0.dropLast(".swift".count)) }.sorted()
  }
}
