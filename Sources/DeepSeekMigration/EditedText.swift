/// Bytes of a text that give way to others.
struct TextEdit: Sendable, Hashable {
  /// The bytes that go; empty for an insertion.
  let range: Range<Int>
  let replacement: String

  init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = replacement
  }
}

/// A text and the changes made in it.
struct EditedText: Sendable {
  let original: [UInt8]
  /// In the order of the text; no two overlap. Insertions at one place stand in the order in which they were made.
  let edits: [TextEdit]
  let lines: LineTable

  /// - Parameter edits: In any order. Traps when two overlap.
  init(_ original: [UInt8], lines: LineTable, edits: [TextEdit]) {
    self.original = original
    self.lines = lines
    // Of two edits that begin at one byte, the insertion comes first; the sort of the standard library is stable.
    self.edits = edits.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (edit, next) in zip(self.edits, self.edits.dropFirst()) where edit.range.upperBound > next.range.lowerBound {
      fatalError("EditedText: edits \(edit) and \(next) overlap")
    }
  }

  /// The text with all changes.
  var bytes: [UInt8] { EditedText.apply(edits[...], to: original, in: 0..<original.count) }

  /// Lines that differ, as the old ones and the new ones.
  struct ChangedLines {
    /// The old lines, from 0.
    let range: Range<Int>
    /// The text that stands for them, line feeds included.
    let replacement: [UInt8]
  }

  /// The lines that differ, in order; adjacent ones together.
  var changedLines: [ChangedLines] {
    var result: [ChangedLines] = []
    var index = 0
    while index < edits.count {
      let first = lines.line(at: edits[index].range.lowerBound)
      var last = lines.line(at: edits[index].range.upperBound)
      var end = index + 1
      while end < edits.count, lines.line(at: edits[end].range.lowerBound) <= last + 1 {
        last = max(last, lines.line(at: edits[end].range.upperBound))
        end += 1
      }
      let bytes = lines.starts[first]..<lines.end(ofLine: last)
      let replacement = EditedText.apply(edits[index..<end], to: original, in: bytes)
      if let change = trimmed(first..<last + 1, replacement) { result.append(change) }
      index = end
    }
    return result
  }

  /// The change without the lines at its beginning and end that stay the same; `nil` when all do.
  private func trimmed(_ range: Range<Int>, _ replacement: [UInt8]) -> ChangedLines? {
    let table = LineTable(replacement)
    func old(_ line: Int) -> ArraySlice<UInt8> { original[lines.starts[line]..<lines.end(ofLine: line)] }
    func new(_ line: Int) -> ArraySlice<UInt8> { replacement[table.starts[line]..<table.end(ofLine: line)] }
    // What follows the last line feed is a line too, empty or not; an old text's last line is like that.
    var (first, newFirst) = (range.lowerBound, 0)
    var (last, newLast) = (range.upperBound, table.starts.count)
    if table.starts.last == table.byteCount { newLast -= 1 }
    if lines.starts[last - 1] == lines.byteCount { last -= 1 }
    while first < last, newFirst < newLast, old(first) == new(newFirst) {
      (first, newFirst) = (first + 1, newFirst + 1)
    }
    while first < last, newFirst < newLast, old(last - 1) == new(newLast - 1) {
      (last, newLast) = (last - 1, newLast - 1)
    }
    if first == last && newFirst == newLast { return nil }
    let start = newFirst < table.starts.count ? table.starts[newFirst] : replacement.count
    let end = newLast < table.starts.count ? table.starts[newLast] : replacement.count
    return ChangedLines(range: first..<last, replacement: Array(replacement[start..<end]))
  }

  private static func apply(_ edits: ArraySlice<TextEdit>, to original: [UInt8], in range: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var position = range.lowerBound
    for edit in edits {
      result += original[position..<edit.range.lowerBound]
      result += edit.replacement.utf8
      position = edit.range.upperBound
    }
    result += original[position..<range.upperBound]
    return result
  }
}
