import DeepSeekInterchange
import Foundation
import Testing

@Suite("ONNX: the list of operators")
struct ONNXSupportTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Docs/Interchange.md")
  private static let begin = "<!-- onnx operators: generated -->\n"
  private static let end = "<!-- onnx operators: end -->"

  @Test("the document's table is what the importer's table says")
  func isCurrent() throws {
    let text = try String(contentsOf: ONNXSupportTests.file, encoding: .utf8)
    let before = try #require(text.range(of: ONNXSupportTests.begin))
    let after = try #require(text.range(of: ONNXSupportTests.end))
    let table = ONNXSupportTests.table()
    if ProcessInfo.processInfo.environment["DEEPSEEK_WRITE_DOCS"] != nil {
      let whole = text[..<before.upperBound] + table + text[after.lowerBound...]
      try whole.write(to: ONNXSupportTests.file, atomically: true, encoding: .utf8)
    } else {
      #expect(
        text[before.upperBound..<after.lowerBound] == table,
        "Docs/Interchange.md is out of date; write it with DEEPSEEK_WRITE_DOCS=1 swift test --filter ONNXSupportTests")
    }
  }

  /// A row for each first letter.
  private static func table() -> String {
    let groups = Dictionary(grouping: ONNXModel.operators) { $0.contains(".") ? "Training" : String($0.prefix(1)) }
    var lines = ["| | \(ONNXModel.operators.count) operators |", "|---|---|"]
    for key in groups.keys.sorted(by: { ($0.count, $0) < ($1.count, $1) }) {
      lines.append("| \(key) | " + groups[key]!.map { "`\($0)`" }.joined(separator: ", ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
