import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import OperatorSamples
import Testing

@Suite("Engines: the table of operators")
struct SupportTableTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Docs/Engines.md")
  private static let begin = "<!-- operators: generated -->\n"
  private static let end = "<!-- operators: end -->"

  @Test("the document's table is what the engines' tables say")
  func isCurrent() throws {
    let text = try String(contentsOf: SupportTableTests.file, encoding: .utf8)
    let before = try #require(text.range(of: SupportTableTests.begin))
    let after = try #require(text.range(of: SupportTableTests.end))
    let table = try SupportTableTests.table()
    if ProcessInfo.processInfo.environment["DEEPSEEK_WRITE_DOCS"] != nil {
      let whole = text[..<before.upperBound] + table + text[after.lowerBound...]
      try whole.write(to: SupportTableTests.file, atomically: true, encoding: .utf8)
    } else {
      #expect(
        text[before.upperBound..<after.lowerBound] == table,
        "Docs/Engines.md is out of date; write it with DEEPSEEK_WRITE_DOCS=1 swift test --filter SupportTableTests")
    }
  }

  /// A row for each type of the vocabulary, from what captures of the operator table's rows have in them.
  private static func table() throws -> String {
    var support: [String: [String: Set<EngineSupport>]] = [:]
    let rows = EngineCase.all.filter { $0.dtype == .float32 || $0.dtype == $0.sample.dtypes.first }
    for graph in try rows.map({ try $0.graph($0.inputs()) }) + EngineCase.valueReaders().map(\.graph) {
      for engine in EngineDescription.all {
        for (type, how) in try engine.support(of: graph) {
          support[Vocabulary.name(of: type), default: [:]][engine.name, default: []].insert(how)
        }
      }
    }
    var lines = ["| Operator | TensorFlow | PyTorch |", "|---|---|---|"]
    for type in Vocabulary.builtIn {
      let name = Vocabulary.name(of: type)
      let cells = EngineDescription.all.map { engine in
        (support[name]?[engine.name] ?? []).sorted().map(word).joined(separator: ", or ")
      }
      lines.append("| `\(name)` | " + cells.map { $0.isEmpty ? "not in graphs" : $0 }.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func word(_ support: EngineSupport) -> String {
    switch support {
    case .direct: "counterpart"
    case .decomposed: "taken apart"
    case .drawn: "drawn here"
    case .unsupported: "none"
    }
  }
}
