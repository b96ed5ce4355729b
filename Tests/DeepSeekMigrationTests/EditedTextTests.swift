import Foundation
import TestSupport
import Testing

@testable import DeepSeekMigration

@Suite("Edits of a text")
struct EditedTextTests {
  @Test("An edit changes its bytes and no others, whatever order the edits come in")
  func edits() {
    let text = edited("let x = tf.square(y)\n", [TextEdit(19..<20, ".square()"), TextEdit(8..<18, "")])
    #expect(String(decoding: text.bytes, as: UTF8.self) == "let x = y.square()\n")
  }

  @Test("Insertions at one place stand in the order in which they were made, and before what is written over there")
  func insertions() {
    let text = edited(
      "f(Session())", [TextEdit(2..<9, "ds.Session"), TextEdit(2..<2, "graph: "), TextEdit(2..<2, "a, ")])
    #expect(String(decoding: text.bytes, as: UTF8.self) == "f(graph: a, ds.Session())")
  }

  @Test("A place is told by its line and the byte in that line, from 1")
  func positions() {
    let table = LineTable(Array("a\r\nß = b\n\nc".utf8))
    let places = [0, 2, 3, 8, 10, 11, 12].map { table.location(at: $0).description }
    #expect(places == ["1:1", "1:3", "2:1", "2:6", "3:1", "4:1", "4:2"])
  }
}

@Suite("Unified diffs")
struct UnifiedDiffTests {
  @Test("Changes with little between them share a hunk, which shows three lines around them")
  func hunks() {
    let lines = (1...30).map { "line \($0)\n" }.joined()
    let changes = ["line 5\n": "five\n", "line 8\n": "eight\n8b\n", "line 25\n": "x\n"]
    let diff = UnifiedDiff(replacing(changes, in: lines), path: "a.swift")
    #expect(
      diff.description == """
        --- a/a.swift
        +++ b/a.swift
        @@ -2,10 +2,11 @@
         line 2
         line 3
         line 4
        -line 5
        +five
         line 6
         line 7
        -line 8
        +eight
        +8b
         line 9
         line 10
         line 11
        @@ -22,7 +23,7 @@
         line 22
         line 23
         line 24
        -line 25
        +x
         line 26
         line 27
         line 28

        """)
  }

  @Test("A last line without a line feed is marked")
  func lastLine() {
    let diff = UnifiedDiff(replacing(["b": "c"], in: "a\nb"), path: "/tmp/a.swift")
    #expect(
      diff.description == """
        --- a/tmp/a.swift
        +++ b/tmp/a.swift
        @@ -1,2 +1,2 @@
         a
        -b
        \\ No newline at end of file
        +c
        \\ No newline at end of file

        """)
  }

  @Test("An unchanged text has no difference")
  func unchanged() {
    #expect(UnifiedDiff(replacing([:], in: "a\n"), path: "a").description.isEmpty)
    #expect(UnifiedDiff(edited("a\n", [TextEdit(0..<1, "a")]), path: "a").description.isEmpty)
  }

  @Test("Control characters in a file's name are quoted as git quotes them")
  func names() {
    let diff = UnifiedDiff(replacing(["a": "b"], in: "a\n"), path: "x\n\"y\u{1B}.swift")
    #expect(diff.description.hasPrefix("--- \"a/x\\012\\\"y\\033.swift\"\n"))
  }

  @Test("The old text with its hunks applied is the new text")
  func applied() throws {
    var random = SplitMix(11)
    for _ in 0..<300 {
      let lineCount = Int.random(in: 0...40, using: &random)
      var text = (0..<lineCount).map { "\($0 % 4)\($0 % 7 == 0 ? "" : " x")\n" }.joined()
      if Bool.random(using: &random) { text += "end" }
      var edits: [TextEdit] = []
      var position = 0
      let count = text.utf8.count
      while position <= count, edits.count < 6 {
        let start = Int.random(in: position...count, using: &random)
        let end = Int.random(in: start...min(count, start + 9), using: &random)
        edits.append(TextEdit(start..<end, ["", "y", "y\n", "\n\nz"].randomElement(using: &random)!))
        position = end + 1 + Int.random(in: 0...60, using: &random)
      }
      let change = edited(text, edits)
      let new = String(decoding: change.bytes, as: UTF8.self)
      let diff = UnifiedDiff(change, path: "f").description
      #expect(try patched(text, diff) == new, "\(text) \(edits)")
    }
  }

  /// What `patch` makes of a text; it checks every line that the hunks show, and their counts.
  private func patched(_ text: String, _ diff: String) throws -> String {
    struct Misfit: Error { let line: String }
    /// The lines with their line feeds.
    func lines(_ text: String) -> [String] {
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "\($0)\n" }
      lines[lines.count - 1].removeLast()
      return lines.last == "" ? lines.dropLast() : lines
    }
    let old = lines(text)
    var rest = lines(diff).dropFirst(2)
    var result: [String] = []
    var (position, oldLeft, newLeft) = (0, 0, 0)
    while var line = rest.popFirst() {
      if rest.first?.hasPrefix("\\") == true {
        rest.removeFirst()
        line.removeLast()
      }
      let mark = line.removeFirst()
      if mark == "@" {
        guard oldLeft == 0 && newLeft == 0 else { throw Misfit(line: line) }
        let spans = line.split(separator: " ")[1...2].map { span in
          let numbers = span.dropFirst().split(separator: ",").map { Int($0)! }
          let count = numbers.count > 1 ? numbers[1] : 1
          return (start: count == 0 ? numbers[0] : numbers[0] - 1, count: count)
        }
        result += old[position..<spans[0].start]
        guard result.count == spans[1].start else { throw Misfit(line: line) }
        (position, oldLeft, newLeft) = (spans[0].start, spans[0].count, spans[1].count)
        continue
      }
      if mark != "+" {
        guard old[position] == line else { throw Misfit(line: line) }
        position += 1
        oldLeft -= 1
      }
      if mark != "-" {
        result.append(line)
        newLeft -= 1
      }
    }
    guard oldLeft == 0 && newLeft == 0 else { throw Misfit(line: "the end") }
    return (result + old[position...]).joined()
  }
}

private func edited(_ text: String, _ edits: [TextEdit]) -> EditedText {
  let bytes = Array(text.utf8)
  return EditedText(bytes, lines: LineTable(bytes), edits: edits)
}

private func replacing(_ replacements: [String: String], in text: String) -> EditedText {
  let edits = replacements.map { old, new in
    let range = text.range(of: old)!
    let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
    return TextEdit(start..<start + old.utf8.count, new)
  }
  return edited(text, edits)
}
