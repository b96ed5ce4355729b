import Foundation
import OperatorSamples
import Testing

@Suite("SampleRequests")
struct SampleRequests {
  /// The folder that `make_references.py` is to read.
  static let folder = ProcessInfo.processInfo.environment["DEEPSEEK_SAMPLE_REQUESTS"]

  @Test("requests for references are written where asked", .enabled(if: folder != nil))
  func write() throws {
    try References.writeRequests(to: try #require(SampleRequests.folder))
  }
}
