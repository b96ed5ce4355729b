/// The difference of two versions of a file, as `diff -u` and `git diff` write it and `patch -p1` and `git apply` read it.
struct UnifiedDiff: Sendable {
  /// Lines that stay the same, shown around those that differ.
  static let contextLineCount = 3

  private let path: String
  private let text: EditedText

  init(_ text: EditedText, path: String) {
    self.path = path
    self.text = text
  }

  /// The whole difference; empty when there is none.
  var description: String {
    let hunks = hunks
    if hunks.isEmpty { return "" }
    let slash = path.hasPrefix("/") ? "" : "/"
    var lines = ["--- \(UnifiedDiff.quoted("a\(slash)\(path)"))", "+++ \(UnifiedDiff.quoted("b\(slash)\(path)"))"]
    for hunk in hunks { lines += hunk }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Each hunk's lines: its header, then lines that begin with a space, `-` or `+`.
  private var hunks: [[String]] {
    let context = UnifiedDiff.contextLineCount
    let table = text.lines
    // A text that ends with a line feed has no line after it.
    let lineCount = table.starts.last == table.byteCount ? table.starts.count - 1 : table.starts.count
    let changes = text.changedLines
    var result: [[String]] = []
    var shift = 0
    var index = 0
    while index < changes.count {
      var end = index + 1
      while end < changes.count, changes[end].range.lowerBound - changes[end - 1].range.upperBound <= 2 * context {
        end += 1
      }
      let start = max(0, changes[index].range.lowerBound - context)
      let stop = min(lineCount, changes[end - 1].range.upperBound + context)
      var body: [String] = []
      var position = start
      var growth = 0
      for change in changes[index..<end] {
        let last = min(change.range.upperBound, lineCount)
        body += shown(" ", position..<change.range.lowerBound)
        body += shown("-", change.range.lowerBound..<last)
        let added = UnifiedDiff.lines(change.replacement)
        body += added.flatMap { UnifiedDiff.line("+", $0) }
        growth += added.count - (last - change.range.lowerBound)
        position = last
      }
      body += shown(" ", position..<stop)
      let old = UnifiedDiff.span(start, stop - start)
      let new = UnifiedDiff.span(start + shift, stop - start + growth)
      result.append(["@@ -\(old) +\(new) @@"] + body)
      shift += growth
      index = end
    }
    return result
  }

  private func shown(_ mark: String, _ range: Range<Int>) -> [String] {
    range.flatMap { line in
      UnifiedDiff.line(mark, text.original[text.lines.starts[line]..<text.lines.end(ofLine: line)])
    }
  }

  /// `3,7`: where lines begin, from 1, and how many there are; `3` for one; where nothing stands, the line before.
  private static func span(_ start: Int, _ count: Int) -> String {
    count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
  }

  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      result.append(rest[..<end])
      rest = rest[end...]
    }
    return result
  }

  private static func line(_ mark: String, _ bytes: ArraySlice<UInt8>) -> [String] {
    if bytes.last == UInt8(ascii: "\n") { return [mark + String(decoding: bytes.dropLast(), as: UTF8.self)] }
    return [mark + String(decoding: bytes, as: UTF8.self), "\\ No newline at end of file"]
  }

  /// A name with control characters, quotes or backslashes as git quotes it; other names as they are.
  private static func quoted(_ name: String) -> String {
    let special: (UInt8) -> Bool = { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    guard name.utf8.contains(where: special) else { return name }
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        bytes += [UInt8(ascii: "\\"), byte]
      } else if special(byte) {
        let digits = String(byte, radix: 8)
        bytes += Array("\\\(String(repeating: "0", count: 3 - digits.count))\(digits)".utf8)
      } else {
        bytes.append(byte)
      }
    }
    return "\"\(String(decoding: bytes, as: UTF8.self))\""
  }
}
