import DeepSeekInterchange
import Foundation
import Testing

@Suite("ONNX's backend cases give what they must")
struct ONNXCasesTests {
  /// The least share that must pass, in percent of all cases.
  private static let leastPassing = 90
  /// Cases whose expected output is not ONNX Runtime's, which is ours: a scale that does not fill whole elements counts there
  /// as if it did, and an epsilon counts that the model does not have.
  private static let otherwise: Set = [
    "node/test_resize_downsample_scales_cubic_align_corners",
    "node/test_resize_downsample_scales_linear_align_corners", "node/test_adam_multiple",
  ]

  @Test(
    "of all cases of libonnx-testdata most pass, the others are named by operator, and none crashes",
    .enabled(if: !ONNXCase.all.isEmpty, "libonnx-testdata is not installed: apt-get install libonnx-testdata"))
  func backendCases() async throws {
    let cases = ONNXCase.all
    let results = await withTaskGroup(of: (Int, String, ONNXCase.Outcome).self) { group in
      // A few strands, each with every so many-th case.
      let strands = max(2, ProcessInfo.processInfo.activeProcessorCount)
      for strand in 0..<strands {
        for index in stride(from: strand, to: cases.count, by: strands) {
          group.addTask {
            let result = cases[index].run()
            return (index, result.operation, result.outcome)
          }
        }
      }
      var all: [(Int, String, ONNXCase.Outcome)] = []
      for await result in group { all.append(result) }
      return all.sorted { $0.0 < $1.0 }
    }
    var table: [String: (passed: Int, failed: Int, unsupported: Int)] = [:]
    var (passed, failures, refusals) = (0, [String](), [String]())
    for (index, operation, outcome) in results {
      switch outcome {
      case .passed:
        passed += 1
        table[operation, default: (0, 0, 0)].passed += 1
      case .failed(let text):
        failures.append("failed \(cases[index].name): \(text)")
        table[operation, default: (0, 0, 0)].failed += 1
      case .unsupported(let text):
        refusals.append("unsupported \(cases[index].name): \(text)")
        table[operation, default: (0, 0, 0)].unsupported += 1
      }
    }
    var report = ["operator  passed  failed  unsupported"]
    report += table.sorted { $0.key < $1.key }.map {
      "\($0.key)  \($0.value.passed)  \($0.value.failed)  \($0.value.unsupported)"
    }
    report += failures + refusals
    report.append(
      "\(cases.count) cases: \(passed) passed, \(failures.count) failed, \(refusals.count) unsupported")
    print(report.joined(separator: "\n"))
    #expect(results.count == cases.count)
    #expect(passed * 100 >= ONNXCasesTests.leastPassing * cases.count)
    let wrong = failures.filter { text in !ONNXCasesTests.otherwise.contains { text.hasPrefix("failed \($0):") } }
    #expect(wrong.isEmpty, "what is not supported is refused by name, not computed wrongly")
  }
}
