import Checksums
import Communication
import Foundation

/// The version of the program, which checkpoints carry.
package let codeVersion = "1.5.0"

/// The version of the program, and a hash of its file, which tells builds apart.
///
/// - Throws: What the system says where the file cannot be read.
package func programFingerprint() throws -> String {
  let file = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped)
  return "\(codeVersion), build \(hexadecimal(file.withUnsafeBytes { xxHash64($0) }))"
}
